// What may be handed over at most, checked before anything is kept. Thread-safe.
#pragma once

#include <weir/client_options.h>
#include <weir/error.h>
#include <weir/row.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "store/database.h"

namespace weir::outbox {

// What is too large about a row or a change; empty when nothing is.
std::optional<std::string> size_problem(const Row& row, const SizeLimits& limits);
std::optional<std::string> size_problem(const Change& change, const SizeLimits& limits);

std::int64_t bytes_of(const Change& change);

// Within the transaction that has kept them: kOutboxFull when more waits now than is allowed.
std::optional<Error> outbox_problem(store::Statements& sql, const SizeLimits& limits);

// The same for many small additions: counts what waits only when that may matter. Processes that
// share a store count for themselves, and together may exceed the limit by a quarter of what was
// left.
class Room {
 public:
  std::optional<Error> take(store::Statements& sql, std::int64_t bytes, const SizeLimits& limits);

 private:
  std::atomic<std::int64_t> left_ = 0;
};

}  // namespace weir::outbox
