// Letters of a text, and what they have in common for a person: the small ones without accents, by
// the tables of Unicode (utf8proc). Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::outbox {

// Empty when the text is not UTF-8.
std::optional<std::u32string> letters_of(std::string_view text);
std::string text_of(std::u32string_view letters);

// Small letters without accents, however they are composed; blanks of all kinds as " ", dashes as
// "-"; without what is not seen.
std::u32string folded(std::u32string_view letters);

// A blank of any width, or the end of a line.
bool is_blank(char32_t letter);

// What takes no room: a zero-width space, a byte order mark, a mark of direction.
bool is_unseen(char32_t letter);

}  // namespace weir::outbox
