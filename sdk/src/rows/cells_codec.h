// rows/: what a row is, whoever keeps, sends or serves it: its cells as bytes, its fingerprint,
// what is wrong with it, how it has changed.
//
// Cells as bytes, the form in which the store keeps rows: for each cell its length as eight hex
// digits, then its text; in the end '#' and a checksum of all before (half of XXH3's 128 bits) as
// sixteen hex digits. Readable in a dump, and checked when read back, since neither SQLite nor a
// disk notices every bit that flips, and a damaged store must not become a wrong row. Pure,
// thread-safe.
#pragma once

#include <weir/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::outbox {

std::string encode_cells(const std::vector<std::string>& cells);

// The bytes before the checksum, which is right; empty: they are damaged. Without one they are of
// an earlier version.
std::optional<std::string_view> checked_cells(std::string_view bytes);

// Takes the next cell off the front of checked_cells(); empty: they are damaged.
std::optional<std::string_view> take_cell(std::string_view& cells);

// kStoreUnusable: the bytes are not what encode_cells() wrote.
Result<std::vector<std::string>> decode_cells(std::string_view bytes);

}  // namespace weir::outbox
