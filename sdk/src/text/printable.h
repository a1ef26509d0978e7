// A foreign text as it may be shown, logged and kept: always valid UTF-8, and nothing in it steers
// a terminal or breaks a line. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace weir::text {

// Control characters, those of U+0080 to U+009F too, become blanks, and so do marks that turn the
// direction of a text (U+202E and its like) and that end its lines; bytes that are no UTF-8 become
// question marks.
std::string printable(std::string_view text);

// Whether printable() would leave it as it is.
bool is_printable(std::string_view text);

}  // namespace weir::text
