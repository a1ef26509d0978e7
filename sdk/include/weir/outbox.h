// The waiting changes, and the dead letters: changes that the platform refused for good, kept with
// the reason. Plain values; obtained from Client::outbox().
//
// A dead letter is not sent again by handing over the same row again, which would spend a call to
// be refused once more: Client::retry() sends it, and so does a row with another content.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// The changes that wait for one data source.
struct WaitingChanges {
  std::string source = {};
  std::int64_t upserts = 0;
  std::int64_t deletes = 0;
  std::int64_t cell_updates = 0;
  bool replaces_all_rows = false;        // the next call replaces whatever rows the platform has
  std::int64_t suspects = 0;             // rows among which one is looked for that was refused
  std::optional<TimePoint> oldest = {};  // since when the oldest change waits
  // When they go, as rows change now; empty: nothing in this process decides that yet.
  std::optional<TimePoint> sent_by = {};
  // Why nothing is sent by itself until then; both are empty when nothing is wrong. Somebody who
  // sends waits for no halt. Told by whichever process was halted last.
  std::string halted_by = {};
  std::optional<TimePoint> halted_until = {};
};

struct DeadLetter {
  std::int64_t id = 0;
  std::string source = {};
  std::string key = {};
  std::string change = {};  // "upsert", "delete" or "set"
  std::string reason = {};  // the platform's answer
  TimePoint time = {};      // when it was refused
};

struct OutboxContents {
  std::vector<WaitingChanges> waiting = {};
  std::vector<DeadLetter> dead_letters = {};  // oldest first
};

// Selects dead letters that match every field that is set; all of them when none is set.
struct DeadLetterChoice {
  std::optional<std::int64_t> id = {};
  std::optional<std::string> source = {};
  std::optional<std::string> key = {};
};

}  // namespace weir::inline v0
