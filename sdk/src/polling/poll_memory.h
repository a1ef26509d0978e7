// PollMemory: what polls have learned of how fast things change, in the organization's store, so
// that a program that starts again goes on from it.
//
// A message of each poll, and one of all together. Processes that poll different things share the
// latter; the last to look is believed. Safe to use from several threads and processes.
#pragma once

#include <weir/result.h>

#include <string>

#include "pacing/poll_habits.h"
#include "store/database.h"

namespace weir {

class PollMemory {
 public:
  explicit PollMemory(store::Database& database) : database_(database) {}

  // Of a poll; nothing when it is new.
  Result<pacing::SourceHabits> load(const std::string& poll);

  // Of all polls together.
  Result<pacing::CommonHabits> load_common();

  Result<void> keep(const std::string& poll, const pacing::SourceHabits& habits,
                    const pacing::CommonHabits& common);

 private:
  store::Database& database_;
};

}  // namespace weir
