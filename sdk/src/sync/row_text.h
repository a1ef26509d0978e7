// Rows as JSON text, written straight into the buffer that is sent. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace weir::sync {

// ["cell","cell"] of cells as rows/cells_codec.h has them. False when they are damaged.
[[nodiscard]] bool append_row(std::string& json, std::string_view cells);

}  // namespace weir::sync
