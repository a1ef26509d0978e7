// A text as a JSON string, for JSON that is written piece by piece into a buffer, without a
// document in between. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::text {

// Appends the text in quotes, escaped. False when it is not valid UTF-8; what was appended is then
// of no use.
[[nodiscard]] bool append_json_string(std::string& json, std::string_view text);

// How many bytes that appends.
std::size_t json_string_bytes(std::string_view text);

}  // namespace weir::text
