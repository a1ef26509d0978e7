#include "rows/cells_codec.h"

#include <cstdint>

#include "rows/row_hash.h"

namespace weir::outbox {
namespace {

constexpr std::size_t kLengthDigits = 8;
constexpr std::size_t kChecksumDigits = 16;
constexpr char kCheck = '#';  // no digit, so what follows the last cell is not taken for one

Error damaged() {
  return {.code = ErrorCode::kStoreUnusable,
          .message =
              "the store is damaged: a pending change cannot be read. Keep a copy, and publish the "
              "rows again "
              "into a new store."};
}

void append_hex(std::string& bytes, std::uint64_t value, std::size_t digits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t shift = 4 * digits; shift > 0; shift -= 4)
    bytes += kHex[value >> (shift - 4) & 0xFU];
}

// Only as append_hex() writes them: a capital is a small letter with one bit flipped.
std::optional<std::uint64_t> read_hex(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    const bool is_letter = c >= 'a' && c <= 'f';
    if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(is_letter ? c - 'a' + 10 : c - '0');
  }
  return digits.empty() ? std::nullopt : std::optional(value);
}

}  // namespace

std::string encode_cells(const std::vector<std::string>& cells) {
  std::size_t size = 1 + kChecksumDigits;
  for (const std::string& cell : cells) size += kLengthDigits + cell.size();
  std::string bytes;
  bytes.reserve(size);
  for (const std::string& cell : cells) {
    append_hex(bytes, cell.size(), kLengthDigits);
    bytes += cell;
  }
  const std::uint64_t checksum = unkeyed_fingerprint(std::string_view(bytes)).low;
  bytes += kCheck;
  append_hex(bytes, checksum, kChecksumDigits);
  return bytes;
}

std::optional<std::string_view> checked_cells(std::string_view bytes) {
  constexpr std::size_t kEnd = 1 + kChecksumDigits;
  if (bytes.size() < kEnd || bytes[bytes.size() - kEnd] != kCheck) return bytes;
  const std::string_view cells = bytes.substr(0, bytes.size() - kEnd);
  const auto checksum = read_hex(bytes.substr(cells.size() + 1));
  return checksum == unkeyed_fingerprint(cells).low ? std::optional(cells) : std::nullopt;
}

std::optional<std::string_view> take_cell(std::string_view& cells) {
  const auto length = read_hex(cells.substr(0, kLengthDigits));
  if (cells.size() < kLengthDigits || !length || cells.size() - kLengthDigits < *length)
    return std::nullopt;
  const std::string_view cell = cells.substr(kLengthDigits, *length);
  cells.remove_prefix(kLengthDigits + *length);
  return cell;
}

Result<std::vector<std::string>> decode_cells(std::string_view bytes) {
  std::optional<std::string_view> left = checked_cells(bytes);
  if (!left) return damaged();
  std::vector<std::string> cells;
  while (!left->empty()) {
    const auto cell = take_cell(*left);
    if (!cell) return damaged();
    cells.emplace_back(*cell);
  }
  return cells;
}

}  // namespace weir::outbox
