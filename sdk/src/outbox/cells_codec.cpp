#include "outbox/cells_codec.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace weir::outbox {
namespace {

constexpr std::size_t kLengthDigits = 8;

Error damaged() {
  return {.code = ErrorCode::kStoreUnusable,
          .message =
              "the store is damaged: a pending change cannot be read. Keep a copy, and publish the "
              "rows again "
              "into a new store."};
}

}  // namespace

std::string encode_cells(const std::vector<std::string>& cells) {
  std::string bytes;
  for (const std::string& cell : cells) {
    std::array<char, kLengthDigits + 1> length = {};
    std::snprintf(length.data(), length.size(), "%08x", static_cast<unsigned>(cell.size()));
    bytes.append(length.data(), kLengthDigits);
    bytes += cell;
  }
  return bytes;
}

Result<std::vector<std::string>> decode_cells(std::string_view bytes) {
  std::vector<std::string> cells;
  while (!bytes.empty()) {
    if (bytes.size() < kLengthDigits) return damaged();
    std::uint32_t length = 0;
    const char* digits_end = bytes.data() + kLengthDigits;
    const auto [end, error] = std::from_chars(bytes.data(), digits_end, length, 16);
    if (error != std::errc() || end != digits_end) return damaged();
    bytes.remove_prefix(kLengthDigits);
    if (bytes.size() < length) return damaged();
    cells.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return cells;
}

}  // namespace weir::outbox
