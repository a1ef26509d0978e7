#include "rows/key_form.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace weir::outbox {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// What spreadsheets and pages put beside words: a no-break space, and the mark of a UTF-8 file.
constexpr std::array<std::string_view, 2> kUnseen = {"\u00A0", "\uFEFF"};
constexpr std::size_t kUuidDigits = 32;

std::string_view without_blanks(std::string_view text) {
  for (std::size_t before = std::string_view::npos; text.size() != before;) {
    before = text.size();
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
    for (const std::string_view unseen : kUnseen) {
      if (text.starts_with(unseen)) text.remove_prefix(unseen.size());
      if (text.ends_with(unseen)) text.remove_suffix(unseen.size());
    }
  }
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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "007" and "7.00" are numbers, and so are "1e3" and "7.5", but those have one form only.
bool is_whole_number(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = text.substr(std::min(point + 1, text.size()));
  return !whole.empty() && std::all_of(whole.begin(), whole.end(), &is_digit) &&
         rest.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string form_of_key(std::string_view key) {
  key = without_blanks(key);
  if (is_whole_number(key)) {
    key = key.substr(0, key.find('.'));
    return std::string(key.substr(std::min(key.find_first_not_of('0'), key.size() - 1)));
  }
  std::string form = digits_of_uuid(key);
  if (form.empty()) form = key;
  std::transform(form.begin(), form.end(), form.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return form;
}

}  // namespace weir::outbox
