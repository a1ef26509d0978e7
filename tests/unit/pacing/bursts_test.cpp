// What happens to an import: a burst of a data source is one event, not as many as it has rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "pacing/push_pacer.h"

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;
using outbox::PendingSource;

constexpr Milliseconds kDay = 24h;
const TimePoint kMidnight{kDay * 1000};

OrgDay utc_day(TimePoint time) {
  const TimePoint begin{time.time_since_epoch() / kDay * kDay};
  return {.begin = begin, .end = begin + kDay};
}

// A day on which changes were few, at any price: from the next one on each may go at once.
Learned quiet_day() {
  Learned known;
  for (std::int64_t slot = slot_of(kMidnight); slot < slot_of(kMidnight + kDay); ++slot)
    known.slots[slot].fill(200.0F / (kDay / kSlot));
  return known;
}

// A pacer at ten in the morning after a quiet day, and what waits at the platform's side of it:
// rows that nobody has sent yet.
class QuietDay {
 public:
  explicit QuietDay(const std::map<std::string, Urgency>& urgencies = {})
      : pacer_({.urgencies = urgencies, .org_day = utc_day}) {
    pacer_.remember(quiet_day(), now_);
    pacer_.reprice(now_, {.calls = 2300});
  }

  PushPacer& pacer() { return pacer_; }
  TimePoint now() const { return now_; }

  void change(const std::string& source) {
    PendingSource& waits = waiting_[source];
    waits.source = source;
    if (waits.stale_rows++ == 0) waits.oldest_stale_since_ms = now_.time_since_epoch().count();
    waits.stale_since_sum_ms += now_.time_since_epoch().count();
    pacer_.changed(source, {.key = ++key_, .after = 1}, now_);
    pacer_.waits(waits, now_);
    send_what_is_due();
  }

  void pass(Milliseconds time) {
    const TimePoint end = now_ + time;
    for (auto push = pacer_.next(now_); push && push->due <= end; push = pacer_.next(now_)) {
      now_ = std::max(now_, push->due);
      send_what_is_due();
    }
    now_ = end;
  }

  // So many rows, evenly within this time.
  void burst(const std::vector<std::string>& sources, int rows, Milliseconds within) {
    for (int i = 0; i < rows; ++i) {
      change(sources[static_cast<std::size_t>(i) % sources.size()]);
      pass(within * (i + 1) / rows - within * i / rows);
    }
  }

  const std::vector<TimePoint>& calls() const { return calls_; }
  std::size_t waiting(const std::string& source) const {
    const auto found = waiting_.find(source);
    return found == waiting_.end() ? 0 : static_cast<std::size_t>(found->second.stale_rows);
  }

 private:
  void send_what_is_due() {
    for (auto push = pacer_.next(now_); push && push->due <= now_; push = pacer_.next(now_)) {
      pacer_.sent(push->source, now_);
      pacer_.have_left(--left_, now_);
      waiting_.erase(push->source);
      calls_.push_back(now_);
    }
  }

  PushPacer pacer_;
  TimePoint now_ = kMidnight + kDay + 10h;
  ValueHash key_ = 0;
  std::map<std::string, PendingSource> waiting_ = {};
  std::vector<TimePoint> calls_ = {};
  std::int64_t left_ = 2300;
};

TEST(Bursts, SendsALoneChangeAtOnceWhileCallsArePlenty) {
  QuietDay day;
  for (int change = 0; change < 10; ++change) {
    day.change("A");
    EXPECT_EQ(day.waiting("A"), 0) << change;
    day.pass(7min);
  }
}

TEST(Bursts, ABurstOfThousandsOfRowsTakesAFewCalls) {
  QuietDay day;
  day.burst({"A"}, 3000, 30s);
  EXPECT_GE(day.calls().size(), 5);
  EXPECT_LE(day.calls().size(), 30);
  day.pass(1min);
  EXPECT_EQ(day.waiting("A"), 0);
}

TEST(Bursts, TheCallsOfABurstLieFurtherAndFurtherApart) {
  QuietDay day;
  day.burst({"A"}, 3000, 30s);
  const std::vector<TimePoint>& calls = day.calls();
  ASSERT_GE(calls.size(), 6);
  const std::size_t third = calls.size() / 3;
  EXPECT_LT(calls[third] - calls[0], calls[2 * third] - calls[third]);
  EXPECT_LT(calls[2 * third] - calls[third], calls.back() - calls[2 * third]);
}

TEST(Bursts, ABurstOverManyDataSourcesIsHeldBackByAllThatTheyHaveSpent) {
  std::vector<std::string> sources;
  for (int i = 0; i < 20; ++i) sources.push_back("S" + std::to_string(i));
  QuietDay day;
  day.burst(sources, 3000, 60s);
  EXPECT_LE(day.calls().size(), 150);
}

TEST(Bursts, TenTimesTheRowsTakeHardlyMoreCalls) {
  QuietDay day;
  day.burst({"A"}, 3000, 30s);
  QuietDay busier;
  busier.burst({"A"}, 30'000, 30s);
  EXPECT_LE(busier.calls().size(), 2 * day.calls().size());
}

TEST(Bursts, ALoneChangeOfAnotherDataSourceDoesNotWaitForABurst) {
  QuietDay day;
  day.burst({"A"}, 3000, 30s);
  ASSERT_GT(day.waiting("A"), 0);
  day.change("B");
  EXPECT_EQ(day.waiting("B"), 0);
}

TEST(Bursts, AfterABurstALoneChangeGoesAtOnceAgain) {
  QuietDay day;
  day.burst({"A"}, 3000, 10s);
  day.pass(1h);
  day.change("A");
  EXPECT_EQ(day.waiting("A"), 0);
}

TEST(Bursts, KeepsADeadlineWithinABurst) {
  QuietDay day({{"A", {.deadline = 1s}}});
  day.burst({"A"}, 3000, 30s);
  EXPECT_GE(day.calls().size(), 25);
}

}  // namespace
}  // namespace weir::pacing
