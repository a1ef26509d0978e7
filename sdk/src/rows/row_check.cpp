#include "rows/row_check.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>

#include "rows/letters.h"

namespace weir::outbox {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Length of the sequence that a first byte announces; 0 for a byte that cannot come first.
std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// Overlong forms, surrogates and values above U+10FFFF show in the second byte.
bool second_byte_fits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

bool sequence_is_valid(std::string_view text, std::size_t at, std::size_t length) {
  if (length == 0 || at + length > text.size()) return false;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(static_cast<unsigned char>(text[at + i]))) return false;
  }
  return length == 1 || second_byte_fits(static_cast<unsigned char>(text[at]),
                                         static_cast<unsigned char>(text[at + 1]));
}

// Eight bytes at once: none of them beyond ASCII, and none a NUL.
bool is_plain(const char* text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof(bytes));
  return ((bytes | (bytes - kOnes)) & kHigh) == 0;
}

bool is_control(char32_t letter) { return letter < 0x20 || (letter >= 0x7F && letter < 0xA0); }

// Between two letters these have a meaning: they join or part them, or turn their direction.
bool joins_letters(char32_t letter) {
  return (letter >= 0x200C && letter <= 0x200F) || letter == 0x61C ||
         (letter >= 0xFE00 && letter <= 0xFE0F);
}

// "U+200B"
std::string code_of(char32_t letter) {
  std::string digits;
  for (int shift = 20; shift >= 0; shift -= 4) digits += "0123456789ABCDEF"[letter >> shift & 0xFU];
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 4));
  return "U+" + digits;
}

bool is_seen(char32_t letter) { return !is_blank(letter) && !is_unseen(letter); }

// Whether there is something in the text that is seen.
bool has_seen_letter(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first > ' ' && first < 0x7F) return true;
  const std::u32string letters = letters_of(text).value_or(std::u32string());
  return std::any_of(letters.begin(), letters.end(), &is_seen);
}

// What is wrong with a text at that byte.
std::string fault(std::string_view text, std::size_t at) {
  const std::string place = " (at byte " + std::to_string(at + 1) + ")";
  if (text[at] == '\0') return "has a NUL byte in it" + place + ", which no text may have";
  return "is not valid UTF-8 text" + place + "; convert the data to UTF-8";
}

}  // namespace

std::optional<std::size_t> first_invalid_byte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (at + 8 <= text.size() && is_plain(text.data() + at)) {
      at += 8;
      continue;
    }
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    if (text[at] == '\0' || !sequence_is_valid(text, at, length)) return at;
    at += length;
  }
  return std::nullopt;
}

std::optional<std::string> key_problem(std::string_view key) {
  if (key.empty()) return "its key (the first cell) is empty";
  if (const auto at = first_invalid_byte(key)) return "its key (the first cell) " + fault(key, *at);
  return std::nullopt;
}

std::optional<std::string> row_problem(const Row& row) {
  if (row.size() < 2)
    return "it has " + std::to_string(row.size()) +
           " cell(s); a row needs a key and at least one more";
  if (auto problem = key_problem(row.front())) return problem;
  if (!has_seen_letter(row.front()))
    return "its key (the first cell) has only blanks in it, or signs that are not seen";
  for (std::size_t i = 1; i < row.size(); ++i) {
    const auto invalid = first_invalid_byte(row[i]);
    if (!invalid) continue;
    return "cell " + std::to_string(i + 1) + " of the row with key " + foreign_words(row.front()) +
           " " + fault(row[i], *invalid);
  }
  return std::nullopt;
}

std::optional<std::string> column_name_problem(std::string_view name) {
  constexpr std::size_t kLongest = 1024;
  if (name.empty()) return "has no name";
  if (const auto at = first_invalid_byte(name)) {
    if (name[*at] == '\0') return "has a NUL byte in its name";
    return "has a name that is not valid UTF-8 text";
  }
  const std::u32string letters = letters_of(name).value_or(std::u32string());
  if (std::any_of(letters.begin(), letters.end(), &is_control))
    return "has a control character in its name";
  if (is_blank(letters.front()) || is_blank(letters.back())) return "has a blank around its name";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool is_within = i > 0 && i + 1 < letters.size();
    if (is_unseen(letters[i]) && !(is_within && joins_letters(letters[i])))
      return "has a sign in its name that is not seen (" + code_of(letters[i]) + ")";
  }
  if (name.size() > kLongest) return "has a name of more than 1,024 bytes";
  return std::nullopt;
}

std::optional<std::string> column_names_problem(const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::optional<std::string> problem = column_name_problem(names[i]);
    if (!problem && !seen.insert(names[i]).second) problem = "has the name of an earlier one";
    if (problem) return "column " + std::to_string(i + 1) + " " + *problem;
  }
  return std::nullopt;
}

}  // namespace weir::outbox
