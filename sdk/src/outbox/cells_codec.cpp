#include "outbox/cells_codec.h"

#include <charconv>
#include <cstdint>

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

void append_length(std::string& bytes, std::size_t length) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = 28; shift >= 0; shift -= 4) bytes += kHex[length >> shift & 0xFU];
}

}  // namespace

std::string encode_cells(const std::vector<std::string>& cells) {
  std::size_t size = 0;
  for (const std::string& cell : cells) size += kLengthDigits + cell.size();
  std::string bytes;
  bytes.reserve(size);
  for (const std::string& cell : cells) {
    append_length(bytes, cell.size());
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
