#include "text/key_line.h"

#include <algorithm>
#include <array>

#include "text/ascii.h"
#include "text/json_string.h"

namespace weir::text {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::size_t kLongest = 1024;
constexpr std::string_view kExport = "export ";
constexpr std::array<std::string_view, 4> kNamesOfSecrets = {"key", "token", "secret", "pass"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

bool is_quoted(std::string_view text) {
  return text.size() > 1 && text.front() == text.back() &&
         (text.front() == '"' || text.front() == '\'');
}

// A line of a settings file or of the shell. The "=" at the end of Base64 is none.
bool is_assignment(std::string_view text) {
  if (text.starts_with(kExport)) text.remove_prefix(kExport.size());
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) return false;
  if (text.find_first_not_of('=', sign) == std::string_view::npos) return false;
  const std::string name = lowered(trimmed(text.substr(0, sign)));
  const bool is_name = std::all_of(name.begin(), name.end(),
                                   [](char c) { return is_letter_or_digit(c) || c == '_'; });
  return is_name &&
         std::any_of(kNamesOfSecrets.begin(), kNamesOfSecrets.end(),
                     [&](std::string_view part) { return name.find(part) != name.npos; });
}

}  // namespace

std::optional<std::string> objection_to_key(std::string_view key) {
  if (key.empty()) return "has no key in its first line";
  if (key.starts_with(kUtf8Mark))
    return "begins with a byte order mark; save it as UTF-8 without one";
  if (is_utf16(key)) return "is UTF-16; save it as UTF-8";
  if (key.back() == '\r')
    return "ends in a carriage return; does it come from a file with CRLF lines?";
  if (std::any_of(key.begin(), key.end(), is_control))
    return "has a line break or control character in it";
  if (key.size() > kLongest) return "is longer than 1,024 bytes, which no key is";
  if (std::string written; !append_json_string(written, key)) return "is not valid UTF-8 text";
  if (key.front() == ' ' || key.back() == ' ') return "has a blank around it; leave it out";
  if (is_quoted(key)) return "has quotes around it that are part of the value; leave them out";
  if (is_assignment(key)) return "has NAME=value in it; only the value is the key";
  return std::nullopt;
}

}  // namespace weir::text
