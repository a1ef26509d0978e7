#include "sync/row_text.h"

#include <charconv>
#include <cstdint>

#include "text/json_string.h"

namespace weir::sync {
namespace {

constexpr std::size_t kLengthDigits = 8;  // of outbox/cells_codec.h

}  // namespace

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
    if (!text::append_json_string(json, cells.substr(0, length))) return false;
    cells.remove_prefix(length);
  }
  json += ']';
  return true;
}

}  // namespace weir::sync
