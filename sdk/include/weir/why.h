// Why: the reason of a wait, as the engine that decides has it: why rows are not sent yet, and why
// a poll does not look sooner. Plain values; times are the local clock's, worth and price are stale
// row-seconds (docs/pacing.md, "The idea").
#pragma once

#include <weir/clock.h>
#include <weir/export.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::inline v0 {

enum class LimitedBy {
  kPrice,       // a call would not save enough yet
  kDeadline,    // worth no call, and goes when its deadline, or a poll's longest interval, is over
  kShortest,    // worth a call, and too soon after the last one
  kConnection,  // due, and goes as soon as a connection is free
  kWriter,      // due, and a batch of the same data source is under way, here or elsewhere
  kDaySpent,    // nothing more may be spent before midnight, or so near to it
  kRest,        // the last try failed, and the next one has its time
  kHeld,        // a person must release it
  kSetAside,    // the platform refused it for good: a dead letter
  kPutBack,     // nothing: the store was put back or copied, so the platform may have other rows
  kOthers,      // nothing: somebody else has changed the platform's rows
  kNothingWaits,  // the platform has everything
};

// The word of reports: "price", "day_spent".
WEIR_EXPORT std::string_view name_of(LimitedBy limited_by);

// Why a data source's rows wait, as Client::why() tells it.
struct WaitReason {
  // The effect of a deadline shorter than the wait.
  struct Deadline {
    Milliseconds deadline = {};
    TimePoint sent_at = {};
    // More than are made without it, while rows change as they do now.
    double more_calls_a_day = 0;
  };

  LimitedBy limited_by = LimitedBy::kNothingWaits;
  std::int64_t stale_rows = 0;
  std::optional<TimePoint> since = {};  // the oldest of them is stale
  double worth = 0;                     // of sending them now
  // The least worth for a call: the price, or more in a burst, whose calls grow dearer one by one.
  double needed = 0;
  double price = 0;
  // When they go, as rows change now; empty when nobody can tell, and while nothing waits.
  std::optional<TimePoint> sent_by = {};
  // When they go though no more rows change, at the price of now; empty as sent_by.
  std::optional<TimePoint> sent_at_latest = {};
  std::string failure = {};  // of the last try, while it rests
  std::optional<Deadline> deadline_instead = {};
};

// How often a poll looks, and why, as Poll::pace() tells it.
struct PollPace {
  // Of the next look. kConnection: due at once, as after a hint.
  LimitedBy limited_by = LimitedBy::kDaySpent;
  std::optional<TimePoint> next_at = {};  // empty: not before the day's calls are renewed
  // From look to look, when all goes well; and the reason of it: kPrice, kShortest or kDeadline.
  std::optional<Milliseconds> interval = {};
  LimitedBy interval_by = LimitedBy::kDaySpent;
  double rows_per_hour = 0;  // news that are expected
  double price = 0;
  // The interval if the organization had 1,000 more calls a day; empty: not known.
  std::optional<Milliseconds> interval_with_more_calls = {};
  // What its last look has found: new entries, or rows that differ; empty: it has not looked yet.
  std::optional<std::int64_t> found = {};
};

}  // namespace weir::inline v0
