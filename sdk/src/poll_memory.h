// PollMemory: what polls have learned of how fast things change, in the organization's store, so
// that a program that starts again goes on from it.
//
// A number of each poll, and one of each hour of the day for all of them. Processes that poll
// different things share the hours; the last to look is believed. Safe to use from several threads
// and processes.
#pragma once

#include <weir/result.h>

#include <string>

#include "pacing/poll_rates.h"
#include "store/database.h"

namespace weir {

class PollMemory {
 public:
  explicit PollMemory(store::Database& database) : database_(database) {}

  // Of a poll; nothing when it is new.
  Result<pacing::ChangesSeen> load(const std::string& poll);

  // Of the hours of the day.
  Result<pacing::HoursSeen> load_hours();

  Result<void> keep(const std::string& poll, const pacing::ChangesSeen& seen,
                    const pacing::HoursSeen& hours);

 private:
  store::Database& database_;
};

}  // namespace weir
