#include "text/without_key.h"

#include <algorithm>
#include <array>

#include "text/ascii.h"
#include "text/json_string.h"

namespace weir::text {
namespace {

// Shorter ones are no keys, and would take half of every message with them.
constexpr std::size_t kShortestKey = 4;

std::string percent_encoded(std::string_view key, std::string_view digits, bool all) {
  std::string encoded;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain && !all) {
      encoded += c;
    } else {
      encoded += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
    }
  }
  return encoded;
}

std::string json_escaped(std::string_view key) {
  std::string quoted;
  if (!append_json_string(quoted, key)) return {};
  return quoted.substr(1, quoted.size() - 2);
}

void replace_all(std::string& text, std::string_view what) {
  constexpr std::string_view kHidden = "…";
  if (what.empty()) return;
  const std::string low_what = lowered(what);
  std::string low = lowered(text);
  for (std::size_t at = low.find(low_what); at != std::string::npos;
       at = low.find(low_what, at + kHidden.size())) {
    text.replace(at, what.size(), kHidden);
    low.replace(at, what.size(), kHidden);
  }
}

}  // namespace

std::string without_key(std::string_view words, std::string_view key) {
  std::string shown(words);
  if (key.size() < kShortestKey) return shown;
  std::string slashes(json_escaped(key));
  for (std::size_t at = slashes.find('/'); at != std::string::npos; at = slashes.find('/', at + 2))
    slashes.insert(at, 1, '\\');
  std::string plus(percent_encoded(key, "0123456789ABCDEF", false));
  for (std::size_t at = plus.find("%20"); at != std::string::npos; at = plus.find("%20"))
    plus.replace(at, 3, "+");
  const std::array forms = {percent_encoded(key, "0123456789ABCDEF", true),
                            percent_encoded(key, "0123456789ABCDEF", false),
                            plus,
                            slashes,
                            json_escaped(key),
                            std::string(key)};
  for (const std::string& form : forms) replace_all(shown, form);
  return shown;
}

}  // namespace weir::text
