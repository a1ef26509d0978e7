#include "text/json_string.h"

#include <cstdint>
#include <cstring>

namespace weir::text {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// Eight bytes at once: whether any of them is beyond ASCII, a control character, a quote or a
// backslash. Bytes are compared by the borrow of a subtraction, which may name a byte too many but
// never misses one.
bool has_special(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHigh; };
  const std::uint64_t below_space = (bytes - kOnes * 0x20U) & ~bytes & kHigh;
  return ((bytes & kHigh) | below_space | has_zero(bytes ^ (kOnes * '"')) |
          has_zero(bytes ^ (kOnes * '\\'))) != 0;
}

bool is_special(unsigned char c) { return c < 0x20 || c == '"' || c == '\\' || c >= 0x80; }

// How many bytes from here stand as they are.
std::size_t plain_length(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, 8);
    if (has_special(bytes)) break;
  }
  while (at < text.size() && !is_special(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void append_escaped(std::string& json, unsigned char c) {
  switch (c) {
    case '"':
      json += "\\\"";
      return;
    case '\\':
      json += "\\\\";
      return;
    case '\n':
      json += "\\n";
      return;
    case '\r':
      json += "\\r";
      return;
    case '\t':
      json += "\\t";
      return;
    default:
      json += "\\u00";
      json += kDigits[c >> 4U];
      json += kDigits[c & 0xFU];
  }
}

bool is_continuation(unsigned char c) { return (c & 0xC0U) == 0x80U; }

// Length of the valid UTF-8 sequence beyond ASCII that the text begins with; 0: it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char first = byte(0);
  const unsigned char second = byte(1);
  if (!is_continuation(second)) return 0;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (!is_continuation(byte(2))) return 0;
  if (first == 0xE0) return second >= 0xA0 ? 3 : 0;
  if (first == 0xED) return second <= 0x9F ? 3 : 0;
  if (first >= 0xE1 && first <= 0xEF) return 3;
  if (!is_continuation(byte(3))) return 0;
  if (first == 0xF0) return second >= 0x90 ? 4 : 0;
  if (first == 0xF4) return second <= 0x8F ? 4 : 0;
  return first > 0xF0 && first < 0xF4 ? 4 : 0;
}

}  // namespace

std::size_t json_string_bytes(std::string_view text) {
  std::size_t bytes = text.size() + 2;
  while (true) {
    text.remove_prefix(plain_length(text));
    if (text.empty()) return bytes;
    const char c = text.front();
    const bool is_short = c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t';
    if (static_cast<unsigned char>(c) < 0x80) bytes += is_short ? 1 : 5;
    text.remove_prefix(1);
  }
}

bool append_json_string(std::string& json, std::string_view text) {
  json += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    json.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t length = c < 0x80 ? 1 : sequence_length(text);
    if (length == 0) return false;
    if (c < 0x80) {
      append_escaped(json, c);
    } else {
      json.append(text.data(), length);
    }
    text.remove_prefix(length);
  }
  json += '"';
  return true;
}

}  // namespace weir::text
