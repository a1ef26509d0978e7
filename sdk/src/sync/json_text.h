// Rows as JSON text. Written by hand: an answer is nothing but arrays of texts, and is written
// straight into the buffer that is sent. Pure functions; texts are valid UTF-8, checked when they
// were read.
#pragma once

#include <string>
#include <string_view>

namespace weir::sync {

void append_text(std::string& json, std::string_view text);

// ["cell","cell"] of cells as outbox/cells_codec.h has them. False when they are damaged.
bool append_row(std::string& json, std::string_view cells);

}  // namespace weir::sync
