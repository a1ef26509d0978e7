// History: when rows changed and when they were sent, and what looks of polls found, kept in the
// store for `weir run --rehearse`.
//
// A row and its key are known by fingerprints alone, an entry of a form by the time it came; no
// cell is kept. A line is written in the transaction that keeps or settles the changes, so it is
// true after a crash too. What is older than wanted, or more, is dropped with the lines that
// follow, the oldest first. For one thread, within a transaction.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rows/row_change.h"
#include "store/database.h"

namespace weir::outbox {

struct HistoryOptions {
  Milliseconds kept = {};  // 0: none is
  std::int64_t bytes = 0;  // at most, in all
  // Noted with the changes of a data source; one that is not here has none.
  std::map<std::string, Milliseconds> deadlines = {};

  bool is_on() const { return kept > Milliseconds{0} && bytes > 0; }
};

// What happened to rows; the numbers are those of the store.
enum class HistoryKind {
  kChanged = 0,
  kSent = 1,     // the platform has accepted them, in one call
  kGivenUp = 2,  // they do not wait any more, and were not sent
  kLooked = 3,   // a poll has looked, or handed over what an earlier look had read
};

struct HistoryLine {
  TimePoint time = {};
  std::string source = {};
  HistoryKind kind = HistoryKind::kChanged;
  std::vector<RowChange> rows = {};  // of rows that did not change, the keys alone
  // Of kChanged: how long they might wait by the settings of then; 0: for ever; empty: not known.
  std::optional<Milliseconds> deadline = {};
  // Of kLooked, whose `source` is the key of a poll (polling/look.h): its calls, and when each of
  // the news that it found came; 0: not known.
  std::int64_t calls = 0;
  std::vector<TimePoint> news = {};
};

// Nothing is written without rows, or when the history is off.
void note_changed(store::Statements& sql, const HistoryOptions& options, const std::string& source,
                  std::span<const RowChange> changes, TimePoint now);
// `keys` are those of rows; a call that settled none is noted as well.
void note_settled(store::Statements& sql, const HistoryOptions& options, const std::string& source,
                  HistoryKind kind, std::span<const std::string> keys, TimePoint now);

// `poll`: its key. Nothing is written for no calls and no news.
void note_looked(store::Statements& sql, const HistoryOptions& options, const std::string& poll,
                 std::int64_t calls, std::span<const TimePoint> news, TimePoint now);

// Forgets the data source.
void forget_history(store::Statements& sql, const std::string& source);

// All lines in the order of their time, in short transactions, so that nobody who writes waits for
// long. Times never go back, also where clocks did. An error of `take` ends it.
Result<void> read_history(store::Database& database,
                          const std::function<Result<void>(const HistoryLine&)>& take);

}  // namespace weir::outbox
