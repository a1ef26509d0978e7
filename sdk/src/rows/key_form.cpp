#include "rows/key_form.h"

#include <algorithm>

namespace weir::outbox {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

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
  const std::size_t begin = key.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  key = key.substr(begin, key.find_last_not_of(kBlanks) + 1 - begin);
  if (is_whole_number(key)) {
    key = key.substr(0, key.find('.'));
    return std::string(key.substr(std::min(key.find_first_not_of('0'), key.size() - 1)));
  }
  std::string form(key);
  std::transform(form.begin(), form.end(), form.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return form;
}

}  // namespace weir::outbox
