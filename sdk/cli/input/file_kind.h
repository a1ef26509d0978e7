// What a file that is no text is, by its first bytes: a compressed one, an archive, a spreadsheet.
// Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::cli {

// How many of the first bytes are looked at.
inline constexpr std::size_t kKindBytes = 64;

// What the file is, and how its rows can be had; empty when it is none of these. `path` is what
// messages call it.
std::string other_kind_of_file(std::string_view first_bytes, const std::string& path);

}  // namespace weir::cli
