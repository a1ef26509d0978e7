// Why a batch waits, and whether it goes when it was said to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "pacing/push_pacer.h"
#include "pacing/stale_rows.h"

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;
using outbox::PendingSource;

constexpr Milliseconds kDay = 24h;
const TimePoint kMidnight{kDay * 1000};
const TimePoint kStart = kMidnight + 10h;

OrgDay utc_day(TimePoint time) {
  const TimePoint begin{time.time_since_epoch() / kDay * kDay};
  return {.begin = begin, .end = begin + kDay};
}

PendingSource waiting(std::int64_t rows, TimePoint since = kStart) {
  return {.source = "A",
          .stale_rows = rows,
          .stale_since_sum_ms = rows * since.time_since_epoch().count(),
          .oldest_stale_since_ms = since.time_since_epoch().count()};
}

PushPacer at_price(double price, const Urgency& urgency = {}, const DayLeft& left = {.calls = 2500},
                   TimePoint now = kStart) {
  PushPacer pacer({.urgencies = {{"A", urgency}}, .fixed_price = price, .org_day = utc_day});
  pacer.reprice(now, left);
  return pacer;
}

TEST(PushPacerWhy, TellsWhatWaitingIsWorthOfThePriceAndWhenItGoes) {
  PushPacer pacer = at_price(310);
  pacer.set_waiting({waiting(3)}, kStart);
  const WaitReason reason = pacer.why("A", kStart + 70s);
  EXPECT_EQ(reason.limited_by, LimitedBy::kPrice);
  EXPECT_EQ(reason.stale_rows, 3);
  EXPECT_EQ(reason.since, kStart);
  EXPECT_EQ(reason.worth, 210);
  EXPECT_EQ(reason.needed, 310);
  EXPECT_EQ(reason.price, 310);
  EXPECT_NEAR(static_cast<double>((*reason.sent_by - *pacer.due_of("A", kStart)).count()), 0, 10);
}

TEST(PushPacerWhy, SaysAloneWhenItGoesAsItDoesWithTheReason) {
  for (const std::int64_t calls : {2500, 0}) {
    PushPacer pacer = at_price(310, {}, {.calls = calls});
    pacer.set_waiting({waiting(3)}, kStart);
    EXPECT_EQ(pacer.sent_by("A", kStart + 70s), pacer.why("A", kStart + 70s).sent_by) << calls;
    EXPECT_EQ(pacer.sent_by("unknown", kStart), std::nullopt);
    pacer.set_waiting({}, kStart);
    EXPECT_EQ(pacer.sent_by("A", kStart), std::nullopt) << "nothing waits";
  }
}

TEST(PushPacerWhy, CountsTheWeight) {
  PushPacer pacer = at_price(1000, {.weight = 5});
  pacer.set_waiting({waiting(2)}, kStart);
  EXPECT_EQ(pacer.why("A", kStart + 10s).worth, 100);
}

TEST(PushPacerWhy, NamesWhatDecides) {
  const auto limit = [](PushPacer pacer, TimePoint now) {
    pacer.set_waiting({waiting(1)}, now);
    const auto due = pacer.due_of("A", now);
    const WaitReason reason = pacer.why("A", now);
    if (due) {
      EXPECT_NEAR(static_cast<double>((std::max(*due, now) - *reason.sent_by).count()), 0, 100);
    }
    return reason.limited_by;
  };
  EXPECT_EQ(limit(at_price(600), kStart), LimitedBy::kPrice);
  EXPECT_EQ(limit(at_price(600), kStart + 601s), LimitedBy::kConnection);
  EXPECT_EQ(limit(at_price(600, {.deadline = 60s}), kStart), LimitedBy::kDeadline);
  EXPECT_EQ(limit(at_price(600, {}, {.calls = 0}), kStart), LimitedBy::kDaySpent);
  PushPacer again = at_price(1, {.shortest = 5min});
  again.sent("A", kStart - 10s);
  EXPECT_EQ(limit(std::move(again), kStart), LimitedBy::kShortest);
  const TimePoint late = kMidnight + kDay - 30s;
  PushPacer at_midnight = at_price(1, {}, {.calls = 9, .doubt = 60s}, late);
  EXPECT_EQ(limit(std::move(at_midnight), late), LimitedBy::kDaySpent);
}

TEST(PushPacerWhy, SaysThatNothingWaits) {
  PushPacer pacer = at_price(600);
  EXPECT_EQ(pacer.why("A", kStart).limited_by, LimitedBy::kNothingWaits);
  pacer.set_waiting({waiting(1)}, kStart);
  pacer.sent("A", kStart);
  const WaitReason reason = pacer.why("A", kStart);
  EXPECT_EQ(reason.limited_by, LimitedBy::kNothingWaits);
  EXPECT_EQ(reason.sent_by, std::nullopt);
}

// At this price, and whatever the data source is expected to do.
TEST(PushPacerWhy, SaysWhenTheyGoThoughNoMoreRowsChange) {
  PushPacer pacer = at_price(6000);
  for (std::uint64_t row = 0; row < 5; ++row)
    pacer.changed("A", {.key = row, .before = 0, .after = 1}, kStart);
  pacer.set_waiting({waiting(5)}, kStart);
  for (const Milliseconds later : {0min, 3min, 9min}) {
    const WaitReason reason = pacer.why("A", kStart + later);
    ASSERT_TRUE(reason.sent_by && reason.sent_at_latest);
    EXPECT_LE(*reason.sent_by, *reason.sent_at_latest);
    EXPECT_NEAR(
        static_cast<double>((*reason.sent_at_latest - *pacer.due_of("A", kStart + later)).count()),
        0, 10)
        << "which is when it goes, for no more rows change";
  }
}

TEST(PushPacerWhy, TellsWhatADeadlineWouldHaveDone) {
  PushPacer pacer = at_price(4 * 23 * 60);
  pacer.set_waiting({waiting(4)}, kStart);
  const WaitReason reason = pacer.why("A", kStart + 17min);
  ASSERT_TRUE(reason.deadline_instead);
  EXPECT_EQ(reason.deadline_instead->deadline, 10min);
  EXPECT_EQ(reason.deadline_instead->sent_at, kStart + 10min);
  EXPECT_GE(reason.deadline_instead->more_calls_a_day, 0);
  EXPECT_FALSE(at_price(600, {.deadline = 60s}).why("A", kStart).deadline_instead);
}

TEST(PushPacerWhy, TellsThatTheNextCallOfABurstMustSaveMore) {
  PushPacer pacer({.calls_per_day = 100, .org_day = utc_day});
  pacer.reprice(kStart, {.calls = 50});
  for (std::uint64_t call = 0; call < 20; ++call) {
    pacer.changed("A", {.key = call, .before = 0, .after = 1}, kStart);
    pacer.waits(waiting(1), kStart);
    pacer.sent("A", kStart);
    pacer.have_left(49 - static_cast<std::int64_t>(call), kStart);
  }
  pacer.changed("A", {.key = 99, .before = 0, .after = 1}, kStart);
  pacer.waits(waiting(1), kStart);
  const WaitReason reason = pacer.why("A", kStart + 1min);
  EXPECT_GT(reason.needed, reason.price);
  EXPECT_EQ(reason.worth, 60);
}

// Whether it asks does not change what it does.
TEST(PushPacerWhy, ChangesNothing) {
  PushPacer pacer = at_price(600);
  pacer.set_waiting({waiting(1)}, kStart);
  const auto before = pacer.next(kStart);
  static_cast<void>(pacer.why("A", kStart + 1h));
  EXPECT_EQ(pacer.next(kStart)->due, before->due);
}

// Data sources whose rows change at random, for two days, sent as the pacer says.
class PlayedWaits {
 public:
  PlayedWaits(std::int64_t calls_per_day, Milliseconds mean_gap)
      : calls_per_day_(calls_per_day),
        gap_s_(1.0 / seconds(mean_gap)),
        pacer_({.calls_per_day = calls_per_day, .org_day = utc_day}) {}

  // Of each wait of the second day the errors of all that was said of it, as shares of the wait;
  // the medians of those asked within a part of it.
  double median_error(double from, double to) {
    if (said_.empty()) play();
    std::vector<double> errors;
    for (const Said& said : said_)
      if (said.at >= from && said.at < to) errors.push_back(said.error);
    const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
    std::nth_element(errors.begin(), middle, errors.end());
    return *middle;
  }

  std::size_t asked() const { return said_.size(); }

 private:
  struct Said {
    double at;
    double error;
  };
  struct Source {
    StaleRows stale = {};
    TimePoint next_change = kMidnight;
    TimePoint stale_since = {};
    std::vector<std::pair<TimePoint, TimePoint>> asked = {};  // when, and the answer
  };

  void play() {
    for (int i = 0; i < 8; ++i) sources_[std::string(1, static_cast<char>('a' + i))];
    for (TimePoint now = kMidnight; now < kMidnight + 2 * kDay; now += 10s) step(now);
  }

  void step(TimePoint now) {
    if ((now - kMidnight) % kDay == 0ms) calls_ = 0;
    if ((now - kMidnight) % kRepriceEvery == 0ms)
      pacer_.reprice(now, {.calls = calls_per_day_ - calls_});
    for (auto& [name, source] : sources_) change(name, source, now);
    for (auto push = pacer_.next(now); push && push->due <= now; push = pacer_.next(now))
      send(push->source, now);
    if ((now - kMidnight) % 1min == 0ms) ask(now);
  }

  void change(const std::string& name, Source& source, TimePoint now) {
    while (source.next_change <= now) {
      source.next_change += Milliseconds(1 + static_cast<std::int64_t>(1000 * gap_s_(random_)));
      const std::uint64_t key = ++keys_;
      if (source.stale.count() == 0) source.stale_since = now;
      source.stale.changed(key, 0, 1, now);
      pacer_.changed(name, {.key = key, .before = 0, .after = 1}, now);
      pacer_.waits(source.stale.summary(name), now);
    }
  }

  void send(const std::string& name, TimePoint now) {
    Source& source = sources_[name];
    const double wait = seconds(now - source.stale_since);
    for (const auto& [at, answer] : source.asked)
      if (now >= kMidnight + kDay && wait > 0)
        said_.push_back({.at = seconds(at - source.stale_since) / wait,
                         .error = std::abs(seconds(answer - now)) / wait});
    source.asked.clear();
    source.stale.sent();
    ++calls_;
    pacer_.sent(name, now);
    pacer_.have_left(calls_per_day_ - calls_, now);
  }

  void ask(TimePoint now) {
    for (auto& [name, source] : sources_) {
      if (source.stale.count() == 0) continue;
      if (const auto by = pacer_.why(name, now).sent_by) source.asked.emplace_back(now, *by);
    }
  }

  const std::int64_t calls_per_day_;
  std::mt19937_64 random_{20240205};
  std::exponential_distribution<double> gap_s_;
  PushPacer pacer_;
  std::map<std::string, Source> sources_;
  std::int64_t calls_ = 0;
  std::uint64_t keys_ = 0;
  std::vector<Said> said_;
};

// What is still to come is chance: the more rows have come, the better it is known.
TEST(PushPacerWhy, SaysOnASimulatedDayWhenRowsGo) {
  PlayedWaits played(160, 3min);
  const double all = played.median_error(0, 1);
  ::testing::Test::RecordProperty("median_error", std::to_string(all));
  EXPECT_GT(played.asked(), 1000U);
  EXPECT_LT(all, 0.1);
  EXPECT_LT(played.median_error(0.5, 1), 0.06);
}

}  // namespace
}  // namespace weir::pacing
