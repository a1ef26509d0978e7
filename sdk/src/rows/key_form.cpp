#include "rows/key_form.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "rows/letters.h"
#include "rows/number_form.h"

namespace weir::outbox {
namespace {

constexpr std::size_t kUuidDigits = 32;

// What Windows-1252 has in the place of the bytes from 0x80 on.
constexpr std::u32string_view kWindows =
    U"€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

// The letters that the bytes of this text are, read as UTF-8; empty when they are none.
std::optional<std::u32string> read_as_utf8(std::u32string_view letters) {
  std::string bytes;
  bool is_ascii = true;
  for (char32_t letter : letters) {
    if (const std::size_t at = kWindows.find(letter); at != std::u32string_view::npos)
      letter = static_cast<char32_t>(0x80 + at);
    if (letter > 0xFF) return std::nullopt;
    is_ascii = is_ascii && letter < 0x80;
    bytes += static_cast<char>(letter);
  }
  return is_ascii ? std::nullopt : letters_of(bytes);
}

// Without blanks around, and with a single one for several.
std::u32string without_blanks(std::u32string_view letters) {
  std::u32string text;
  for (const char32_t letter : letters) {
    if (letter != U' ' || (!text.empty() && text.back() != U' ')) text += letter;
  }
  if (text.ends_with(U' ')) text.pop_back();
  return text;
}

// Its digits alone, "" when it is none: databases write one with hyphens, with braces, or with
// neither.
std::string digits_of_uuid(std::string_view text) {
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  std::string digits;
  for (const char c : text) {
    if (c == '-') continue;
    if (digits.size() == kUuidDigits || std::isxdigit(static_cast<unsigned char>(c)) == 0)
      return "";
    digits += c;
  }
  return digits.size() == kUuidDigits ? digits : "";
}

std::string plain_text(std::string_view key) {
  std::optional<std::u32string> letters = letters_of(key);
  if (!letters) return std::string(key);
  // Some are read wrongly twice.
  for (int i = 0; i < 2; ++i) {
    const std::optional<std::u32string> before = read_as_utf8(*letters);
    if (!before) break;
    letters = before;
  }
  return text_of(without_blanks(folded(*letters)));
}

}  // namespace

std::string form_of_key(std::string_view key) {
  const std::string text = plain_text(key);
  // Of the two signs, the point more often begins decimals, and the comma divides groups.
  const bool has_comma = text.find(',') != std::string::npos;
  if (auto number = number_form(text, has_comma ? SingleSign::kGroups : SingleSign::kPoint))
    return *number;
  const std::string digits = digits_of_uuid(text);
  return digits.empty() ? text : digits;
}

std::optional<std::string> other_form_of_key(std::string_view key) {
  const std::string text = plain_text(key);
  if (!is_ambiguous_number(text)) return std::nullopt;
  const bool has_comma = text.find(',') != std::string::npos;
  return number_form(text, has_comma ? SingleSign::kPoint : SingleSign::kGroups);
}

}  // namespace weir::outbox
