// UTF-16 in memory, as ODBC drivers and some files have it, to and from UTF-8. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::cli {

// Appends the letters. False when one of them is no letter: half a surrogate pair.
bool append_utf8(std::u16string_view units, std::string& text);

// Empty when the text is not UTF-8.
std::optional<std::u16string> to_utf16(std::string_view text);

}  // namespace weir::cli
