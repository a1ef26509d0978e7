// Backfill: entries of a form that were received between two moments, read anew and put into the
// queue of a poll, whose handler gets them with "backfill":true. The place of the poll stays.
//
// How far it has come is kept in the store after each page, so that one that was stopped, by
// whatever, goes on there; at most its last page comes twice.
#pragma once

#include <weir/client.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "daemon/config/poll_config.h"

namespace weir::daemon {

struct BackfillOrder {
  TimePoint from = {};
  TimePoint before = {};                       // what is received then, or later, is left out
  std::optional<std::int64_t> max_calls = {};  // of this run
  std::stop_token stop = {};
};

// Before the rest is read. The first page must be read to know how many there are.
struct BackfillPlan {
  std::int64_t entries = 0;      // all of the time asked for
  std::int64_t calls_spent = 0;  // by this run: 1, or 0 when an earlier run has begun
  std::int64_t calls_to_come = 0;
};

struct BackfillReport {
  std::int64_t entries = 0;  // put into the queue by this run
  std::int64_t calls = 0;
  bool is_complete = false;  // otherwise the same order goes on where this run ended
};

// `may_go_on` is asked once, with the plan; when it says no, nothing was put into the queue.
// kInvalidArgument: the poll is of a data source. Other errors are those of a call.
Result<BackfillReport> backfill(Client& client, const PollConfig& poll, const BackfillOrder& order,
                                const std::function<bool(const BackfillPlan&)>& may_go_on);

}  // namespace weir::daemon
