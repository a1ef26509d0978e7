#include "sync/json_text.h"

#include <charconv>
#include <cstdint>

namespace weir::sync {
namespace {

constexpr std::size_t kLengthDigits = 8;  // of outbox/cells_codec.h

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& json, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      json += "\\n";
      return;
    case '\r':
      json += "\\r";
      return;
    case '\t':
      json += "\\t";
      return;
    case '"':
    case '\\':
      json += '\\';
      json += c;
      return;
    default:
      json += "\\u00";
      json += kHex[static_cast<unsigned char>(c) >> 4];
      json += kHex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void append_text(std::string& json, std::string_view text) {
  json += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    json += text.substr(from, i - from);
    append_escaped(json, text[i]);
    from = i + 1;
  }
  json += text.substr(from);
  json += '"';
}

bool append_row(std::string& json, std::string_view cells) {
  json += '[';
  bool first = true;
  while (!cells.empty()) {
    std::uint32_t length = 0;
    if (cells.size() < kLengthDigits) return false;
    const char* digits_end = cells.data() + kLengthDigits;
    const auto [end, error] = std::from_chars(cells.data(), digits_end, length, 16);
    cells.remove_prefix(kLengthDigits);
    if (error != std::errc() || end != digits_end || cells.size() < length) return false;
    if (!first) json += ',';
    first = false;
    append_text(json, cells.substr(0, length));
    cells.remove_prefix(length);
  }
  json += ']';
  return true;
}

}  // namespace weir::sync
