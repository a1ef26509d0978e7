// Cells as bytes, the form in which the store keeps a pending change: for each cell its length as
// eight hex digits, then its text. Readable in a dump, and checked when read back, since a damaged
// store must not become a wrong row. Pure, thread-safe.
#pragma once

#include <weir/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace weir::outbox {

std::string encode_cells(const std::vector<std::string>& cells);

// kStoreUnusable: the bytes are not what encode_cells() wrote.
Result<std::vector<std::string>> decode_cells(std::string_view bytes);

}  // namespace weir::outbox
