// History: when rows changed and when they were sent, kept in the store for `weir run --rehearse`.
//
// A row and its key are known by fingerprints alone; no cell is kept. A line is written in the
// transaction that keeps or settles the changes, so it is true after a crash too. What is older
// than wanted, or more, is dropped with the lines that follow, the oldest first. For one thread,
// within a transaction.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "rows/row_change.h"
#include "store/database.h"

namespace weir::outbox {

struct HistoryOptions {
  Milliseconds kept = {};  // 0: none is
  std::int64_t bytes = 0;  // at most, in all

  bool is_on() const { return kept > Milliseconds{0} && bytes > 0; }
};

// What happened to rows; the numbers are those of the store.
enum class HistoryKind {
  kChanged = 0,
  kSent = 1,     // the platform has accepted them, in one call
  kGivenUp = 2,  // they do not wait any more, and were not sent
};

struct HistoryLine {
  TimePoint time = {};
  std::string source = {};
  HistoryKind kind = HistoryKind::kChanged;
  std::vector<RowChange> rows = {};  // of rows that did not change, the keys alone
};

// Nothing is written without rows, or when the history is off.
void note_changed(store::Statements& sql, const HistoryOptions& options, const std::string& source,
                  std::span<const RowChange> changes, TimePoint now);
// `keys` are those of rows; a call that settled none is noted as well.
void note_settled(store::Statements& sql, const HistoryOptions& options, const std::string& source,
                  HistoryKind kind, std::span<const std::string> keys, TimePoint now);

// Forgets the data source.
void forget_history(store::Statements& sql, const std::string& source);

// All lines in the order of their time, in short transactions, so that nobody who writes waits for
// long. Times never go back, also where clocks did. An error of `take` ends it.
Result<void> read_history(store::Database& database,
                          const std::function<Result<void>(const HistoryLine&)>& take);

}  // namespace weir::outbox
