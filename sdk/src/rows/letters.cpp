#include "rows/letters.h"

#include <utf8proc.h>

#include <array>

namespace weir::outbox {
namespace {

// A letter of full width is that of ordinary width, and an accent goes, however it is composed.
constexpr auto kFold =
    static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                   UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
// Of one letter; Unicode has none that becomes more.
constexpr std::size_t kMostLetters = 32;

utf8proc_int32_t number_of(char32_t letter) { return static_cast<utf8proc_int32_t>(letter); }

// Signs that programs write for another.
char32_t plain(char32_t letter) {
  constexpr char32_t kMinus = 0x2212;
  if (is_blank(letter)) return U' ';
  if (letter == kMinus || utf8proc_category(number_of(letter)) == UTF8PROC_CATEGORY_PD) return '-';
  if (letter == U'‘' || letter == U'’') return '\'';
  // Turkish has it where others have i: which of the two a capital becomes depends on the program.
  if (letter == U'ı') return 'i';
  return letter;
}

}  // namespace

bool is_blank(char32_t letter) {
  constexpr char32_t kNextLine = 0x85;
  if ((letter >= U'\t' && letter <= U'\r') || letter == kNextLine) return true;
  const utf8proc_category_t category = utf8proc_category(number_of(letter));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool is_unseen(char32_t letter) {
  return utf8proc_get_property(number_of(letter))->ignorable ||
         utf8proc_category(number_of(letter)) == UTF8PROC_CATEGORY_CF;
}

std::optional<std::u32string> letters_of(std::string_view text) {
  std::u32string letters;
  while (!text.empty()) {
    utf8proc_int32_t letter = 0;
    const utf8proc_ssize_t size =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &letter);
    if (size <= 0) return std::nullopt;
    letters += static_cast<char32_t>(letter);
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return letters;
}

std::u32string folded(std::u32string_view letters) {
  std::u32string form;
  for (const char32_t letter : letters) {
    if (is_unseen(letter)) continue;
    std::array<utf8proc_int32_t, kMostLetters> parts = {};
    int last_class = 0;
    const utf8proc_ssize_t count = utf8proc_decompose_char(number_of(plain(letter)), parts.data(),
                                                           parts.size(), kFold, &last_class);
    for (utf8proc_ssize_t i = 0; i < count && i < std::ssize(parts); ++i)
      form += static_cast<char32_t>(parts.at(static_cast<std::size_t>(i)));
  }
  return form;
}

std::string text_of(std::u32string_view letters) {
  constexpr std::size_t kMostBytes = 4;
  std::string text;
  for (const char32_t letter : letters) {
    std::array<utf8proc_uint8_t, kMostBytes> bytes = {};
    const utf8proc_ssize_t size = utf8proc_encode_char(number_of(letter), bytes.data());
    text.append(bytes.begin(), bytes.begin() + size);
  }
  return text;
}

}  // namespace weir::outbox
