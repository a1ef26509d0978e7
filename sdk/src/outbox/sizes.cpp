#include "outbox/sizes.h"

#include <weir/foreign_words.h>

#include <algorithm>

namespace weir::outbox {
namespace {

std::string bytes(std::int64_t count) { return std::to_string(count) + " bytes"; }

std::optional<std::string> cell_problem(std::string_view cell, const SizeLimits& limits) {
  const auto size = static_cast<std::int64_t>(cell.size());
  if (size <= limits.cell_bytes) return std::nullopt;
  return "has " + bytes(size) + ", more than the " + std::to_string(limits.cell_bytes) +
         " that a cell may have (SizeLimits::cell_bytes)";
}

std::int64_t bytes_of(const Row& row) {
  std::int64_t size = 0;
  for (const std::string& cell : row) size += static_cast<std::int64_t>(cell.size());
  return size;
}

std::int64_t waiting_bytes(store::Statements& sql) {
  return sql
      .run("SELECT CAST(coalesce(sum(length(cells) + length(row_key)), 0) AS BIGINT) FROM outbox")
      .at(0)
      .integer(0);
}

Error outbox_full(const SizeLimits& limits) {
  return {
      .code = ErrorCode::kOutboxFull,
      .message = "more than " + bytes(limits.outbox_bytes) +
                 " would wait to be sent (SizeLimits::outbox_bytes). Send first, or allow more. "
                 "Nothing was changed."};
}

}  // namespace

std::optional<std::string> size_problem(const Row& row, const SizeLimits& limits) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (const auto problem = cell_problem(row[i], limits))
      return "cell " + std::to_string(i + 1) + " " + *problem;
  }
  const std::int64_t size = bytes_of(row);
  if (size <= limits.row_bytes) return std::nullopt;
  return "the row with key " + foreign_words(row.front()) + " has " + bytes(size) +
         ", more than the " + std::to_string(limits.row_bytes) +
         " that a row may have (SizeLimits::row_bytes)";
}

std::optional<std::string> size_problem(const Change& change, const SizeLimits& limits) {
  if (const auto* upsert = std::get_if<Upsert>(&change)) return size_problem(upsert->row, limits);
  if (const auto problem = cell_problem(key_of(change), limits)) return "the key " + *problem;
  const auto* set = std::get_if<SetCells>(&change);
  if (set == nullptr) return std::nullopt;
  for (const CellUpdate& cell : set->cells) {
    if (const auto problem = cell_problem(cell.value, limits))
      return "the cell '" + cell.column + "' " + *problem;
  }
  return std::nullopt;
}

std::int64_t bytes_of(const Change& change) {
  if (const auto* upsert = std::get_if<Upsert>(&change)) return bytes_of(upsert->row);
  auto size = static_cast<std::int64_t>(key_of(change).size());
  if (const auto* set = std::get_if<SetCells>(&change)) {
    for (const CellUpdate& cell : set->cells)
      size += static_cast<std::int64_t>(cell.column.size() + cell.value.size());
  }
  return size;
}

std::optional<Error> outbox_problem(store::Statements& sql, const SizeLimits& limits) {
  if (waiting_bytes(sql) <= limits.outbox_bytes) return std::nullopt;
  return outbox_full(limits);
}

std::optional<Error> Room::take(store::Statements& sql, std::int64_t bytes,
                                const SizeLimits& limits) {
  if (left_.fetch_sub(bytes) >= bytes) return std::nullopt;
  const std::int64_t left = limits.outbox_bytes - waiting_bytes(sql);
  left_ = std::max<std::int64_t>(0, left) / 4;
  if (left >= 0) return std::nullopt;
  return outbox_full(limits);
}

}  // namespace weir::outbox
