#include "sync/scope.h"

#include <array>
#include <cstdio>

namespace weir::sync {
namespace {

// A longer text stands there as its fingerprint, for an index has no room for it.
constexpr std::size_t kLongest = 320;

Scope named(char kind, const std::string& name, const outbox::KeyedHash& hash) {
  if (name.size() <= kLongest) return kind + (":" + name);
  std::string digits = {kind, '#', ':'};
  for (const char byte : hash.of(name)) {
    std::array<char, 3> hex = {};
    std::snprintf(hex.data(), hex.size(), "%02x", static_cast<unsigned char>(byte));
    digits += hex.data();
  }
  return digits;
}

}  // namespace

std::string folded(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

Scope scope_of_nobody() { return "q"; }

Scope scope_of_all() { return "a"; }

Scope scope_of_value(std::string_view value, const outbox::KeyedHash& hash) {
  const std::string name = folded(value);
  return name.empty() ? "n" : named('v', name, hash);
}

Scope scope_of_user(std::string_view email, const outbox::KeyedHash& hash) {
  return named('u', folded(email), hash);
}

Scope scope_of_view(Edition first) { return "q:" + std::to_string(first); }

}  // namespace weir::sync
