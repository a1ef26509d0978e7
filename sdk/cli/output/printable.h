// Foreign text as it may be shown: it must not steer a terminal, break a line, or fill a screen.
// Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string>

namespace weir::cli {

// Control characters become blanks, and so do marks that turn the direction of a text; bytes that
// are no UTF-8 become question marks.
std::string printable(const std::string& text);

// The same of no more than so many bytes, and "…" in the place of the others.
std::string first_bytes(const std::string& text, std::size_t most);

// A message that may have foreign words in it: printable, and of what is quoted as foreign the
// first thousand bytes. The message's own line breaks stay.
std::string shown_message(const std::string& message);

}  // namespace weir::cli
