#include "pacing/push_pacer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "pacing/price_grid.h"

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

PendingSource waiting(const std::string& source, std::int64_t rows, TimePoint since = kStart) {
  return {.source = source,
          .stale_rows = rows,
          .stale_since_sum_ms = rows * since.time_since_epoch().count(),
          .oldest_stale_since_ms = since.time_since_epoch().count()};
}

PushPacer at_price(double price, const Urgency& urgency = {}, Milliseconds doubt = {},
                   TimePoint now = kStart) {
  PushPacer pacer({.urgencies = {{"A", urgency}}, .fixed_price = price, .org_day = utc_day});
  pacer.reprice(now, {.calls = 2500, .doubt = doubt});
  return pacer;
}

// One data source's row that changes this often, for a day.
void live_through_a_day(PushPacer& pacer, Milliseconds every) {
  ValueHash value = 1;
  for (TimePoint now = kMidnight; now < kMidnight + kDay; now += every) {
    pacer.changed("A", {.key = value % 7, .before = value, .after = value + 1}, now);
    ++value;
    if (now.time_since_epoch() % kRepriceEvery == 0ms) pacer.reprice(now, {.calls = 100});
  }
}

TEST(PushPacer, IsDueWhenTheRowsHavePiledUpThePrice) {
  PushPacer pacer = at_price(600);
  pacer.set_waiting({waiting("A", 1), waiting("B", 10)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 600s);
  EXPECT_EQ(pacer.due_of("B", kStart), kStart + 60s);
  EXPECT_EQ(pacer.next(kStart)->source, "B");
}

TEST(PushPacer, SendsAtOnceWhenACallIsWorthNothing) {
  PushPacer pacer = at_price(0);
  pacer.set_waiting({waiting("A", 1)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart);
}

TEST(PushPacer, CountsAHeavyRowAsManyRows) {
  PushPacer pacer = at_price(600, {.weight = 10});
  pacer.set_waiting({waiting("A", 1)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 60s);
}

TEST(PushPacer, IsDueInAgesNotInThePastWhenItIsWorthNextToNothing) {
  PushPacer pacer = at_price(1e15, {.weight = 1e-15});
  pacer.set_waiting({waiting("A", 1)}, kStart);
  EXPECT_GT(pacer.due_of("A", kStart), kStart + 365 * kDay);
}

TEST(PushPacer, LetsNoChangeWaitLongerThanItsDeadline) {
  PushPacer pacer = at_price(600, {.deadline = 90s});
  pacer.set_waiting({waiting("A", 1)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 90s);
  EXPECT_TRUE(pacer.is_forced("A"));
  pacer.set_waiting({waiting("A", 100)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 6s);
  EXPECT_FALSE(pacer.is_forced("A"));
}

TEST(PushPacer, TrustsNoMomentThatIsAheadOfTheClock) {
  PushPacer pacer = at_price(600);
  pacer.set_waiting({waiting("A", 1, kStart + 900h)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 600s);
}

TEST(PushPacer, SendsAnEmptyReplaceAtOnce) {
  PushPacer pacer = at_price(600);
  pacer.set_waiting({{.source = "A", .replace_next = true}}, kStart);
  EXPECT_LE(pacer.due_of("A", kStart), kStart);
}

TEST(PushPacer, ForgetsWhatWaitsNoLonger) {
  PushPacer pacer = at_price(600);
  pacer.set_waiting({waiting("A", 1), waiting("B", 1)}, kStart);
  pacer.set_waiting({waiting("B", 1)}, kStart);
  EXPECT_FALSE(pacer.due_of("A", kStart));
  EXPECT_TRUE(pacer.due_of("B", kStart));
}

TEST(PushPacer, LeavesTheShortestTimeBetweenTwoCalls) {
  PushPacer pacer = at_price(0, {.shortest = 5min});
  pacer.sent("A", kStart);
  pacer.set_waiting({waiting("A", 1, kStart + 1s)}, kStart + 1s);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 5min);
}

TEST(PushPacer, LeavesItAfterARestartToo) {
  PushPacer pacer = at_price(0, {.shortest = 5min});
  pacer.recall_calls({{.source = "A", .time = kStart - 1min, .is_accepted = true},
                      {.source = "A", .time = kStart - 30s, .is_accepted = false}});
  pacer.set_waiting({waiting("A", 1)}, kStart);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 4min) << "what was refused may be tried again";
}

TEST(PushPacer, ObeysADeadlineBeforeTheShortestTime) {
  PushPacer pacer = at_price(0, {.deadline = 10s, .shortest = 5min});
  pacer.sent("A", kStart);
  pacer.set_waiting({waiting("A", 1, kStart + 1s)}, kStart + 1s);
  EXPECT_EQ(pacer.due_of("A", kStart), kStart + 11s);
}

TEST(PushPacer, SendsNothingWhileItsCallWouldCountForTwoDays) {
  const TimePoint late = kMidnight + kDay - 1min;
  PushPacer pacer = at_price(0, {}, 2min, late);
  pacer.set_waiting({waiting("A", 1, late)}, late);
  EXPECT_EQ(pacer.due_of("A", kStart), kMidnight + kDay + 2min);
  const TimePoint early = kMidnight + kDay + 1s;
  pacer.reprice(early, {.calls = 2500, .doubt = 2min});
  EXPECT_EQ(pacer.due_of("A", kStart), kMidnight + kDay + 2min);
}

TEST(PushPacer, SpendsNothingThatIsNotLeft) {
  PushPacer pacer({.org_day = utc_day});
  pacer.reprice(kStart, {.calls = 0});
  pacer.set_waiting({waiting("A", 1000, kStart - 5h)}, kStart);
  EXPECT_FALSE(pacer.due_of("A", kStart));
  EXPECT_TRUE(std::isinf(pacer.price()));
}

TEST(PushPacer, LetsNobodyWaitLongForAFirstPriceWhenNothingIsKnown) {
  PushPacer pacer({.org_day = utc_day});
  pacer.set_waiting({waiting("A", 100)}, kStart);
  pacer.reprice(kStart, {.calls = 2500});
  EXPECT_LE(*pacer.due_of("A", kStart), kStart + 1min);
}

// What is forecast are calls at any price; a deadline of an hour takes one in each and one more.
TEST(PushPacer, KeepsDeadlinesThatCannotTakeMoreCallsThanAreLeft) {
  Learned known;
  for (std::int64_t slot = slot_of(kMidnight); slot < slot_of(kMidnight + kDay); ++slot)
    known.slots[slot].fill(10);
  PushPacer pacer(
      {.calls_per_day = 200, .urgencies = {{"A", {.deadline = 1h}}}, .org_day = utc_day});
  pacer.remember(known, kMidnight + kDay);
  pacer.waits(waiting("A", 1, kMidnight + kDay), kMidnight + kDay);
  pacer.reprice(kMidnight + kDay, {.calls = 25});
  EXPECT_FALSE(pacer.deadlines_need());
  pacer.reprice(kMidnight + kDay, {.calls = 15});
  EXPECT_NEAR(pacer.deadlines_need().value_or(0), 25, 0.1);
}

// A day on which the shadow at grid price i would have made 20,000/sqrt(price) calls, evenly; every
// other one by chance so many times more, the rest fewer.
Learned even_day(double chance) {
  Learned known;
  for (std::int64_t slot = slot_of(kMidnight); slot < slot_of(kMidnight + kDay); ++slot) {
    for (std::size_t i = 0; i < kPriceCount; ++i) {
      const double calls = 20000 / std::sqrt(grid_prices().at(i) + 1) / (kDay / kSlot);
      known.slots[slot].at(shadow_of(kFirstRule, i)) =
          static_cast<float>(i % 2 == 0 ? calls * chance : calls / chance);
    }
  }
  return known;
}

TEST(PushPacer, ThePriceHangsLittleOnWhatOneShadowDidByChance) {
  const auto price = [](double chance, std::int64_t calls) {
    PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
    pacer.remember(even_day(chance), kMidnight + kDay);
    pacer.reprice(kMidnight + kDay, {.calls = calls});
    return pacer.price();
  };
  for (std::int64_t calls = 100; calls < 200; calls += 10) {
    const double ratio = price(1.5, calls) / price(1, calls);
    EXPECT_LT(std::abs(std::log(ratio)), std::log(1.2)) << calls;
  }
}

TEST(PushPacer, PricesACallHigherTheFewerAreLeft) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(pacer, 1min);
  const TimePoint next_day = kMidnight + kDay + 1h;
  pacer.reprice(next_day, {.calls = 150});
  const double price = pacer.price();
  pacer.reprice(next_day, {.calls = 40});
  EXPECT_GT(pacer.price(), 1.5 * price);
}

TEST(PushPacer, PricesPushesHigherWhenPollsSpendToo) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(pacer, 1min);
  const TimePoint next_day = kMidnight + kDay + 1h;
  pacer.reprice(next_day, {.calls = 150});
  const double alone = pacer.price();
  pacer.reprice(next_day, {.calls = 150},
                PollForecast({{.root_integral = 1000, .calls = 1, .fewest = 0, .most = 1e9}}));
  EXPECT_GT(pacer.price(), 1.2 * alone);
}

TEST(PushPacer, ReckonsWithNoPushesOfWhoOnlyPolls) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  const PollForecast polls({{.root_integral = 1000, .calls = 1, .fewest = 0, .most = 1e9}});
  pacer.reprice(kMidnight, {.calls = 200}, polls);
  EXPECT_NEAR(polls.calls_at(pacer.price()), 200, 10);
}

// Of two processes, each knows the data sources of the other.
TEST(PushPacer, CountsRowsOfTheSameWeightAsAnotherThatHasOtherDataSources) {
  const std::map<std::string, Urgency> urgencies = {{"A", {.weight = 1e6}}};
  PushPacer first({.calls_per_day = 200, .urgencies = urgencies, .org_day = utc_day});
  live_through_a_day(first, 1min);
  Learned known = first.take_learned();
  known.arrivals.others = std::exchange(known.arrivals.sources, {});
  known.arrivals.others["B"] = known.arrivals.others.at("A");
  const auto price = [&](const std::vector<std::string>& seen) {
    PushPacer pacer({.calls_per_day = 200, .urgencies = urgencies, .org_day = utc_day});
    for (const std::string& source : seen) pacer.waits(waiting(source, 1), kMidnight + kDay);
    pacer.remember(known, kMidnight + kDay);
    pacer.reprice(kMidnight + kDay, {.calls = 150});
    return pacer.price();
  };
  EXPECT_GT(price({}), 0);
  EXPECT_NEAR(price({"A"}) / price({}), 1, 1e-9);
  EXPECT_NEAR(price({"B", "A"}) / price({}), 1, 1e-9);
}

TEST(PushPacer, GoesOnFromWhatAnotherHasLearned) {
  PushPacer first({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(first, 1min);
  const TimePoint next_day = kMidnight + kDay + 2h;
  // Its rule is chosen at about this price, as the other's will be.
  for (const Milliseconds before : {2h, 1h, 0h}) first.reprice(next_day - before, {.calls = 150});
  PushPacer second({.calls_per_day = 200, .org_day = utc_day});
  second.remember(first.take_learned(), next_day);
  second.reprice(next_day, {.calls = 150});
  EXPECT_NEAR(second.price(), first.price(), 0.2 * first.price());
}

TEST(PushPacer, KnowsHowOftenADataSourceChangesFromAnother) {
  const auto due_after_restart = [](bool remembers) {
    PushPacer first({.calls_per_day = 200, .org_day = utc_day});
    live_through_a_day(first, 1min);
    const TimePoint now = kMidnight + kDay;
    Learned learned = first.take_learned();
    if (!remembers) learned.arrivals = {};
    PushPacer second({.calls_per_day = 200, .org_day = utc_day});
    second.remember(learned, now);
    second.reprice(now, {.calls = 200});
    second.waits(waiting("A", 1, now), now);
    return *second.due_of("A", now);
  };
  // One row of a data source that changes each minute is worth less than one that never changed.
  EXPECT_GT(due_after_restart(true), due_after_restart(false) + 1min);
}

TEST(PushPacer, ACallThatIsUnderWayCountsInPart) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  // Ten rows are worth 6,000 row-seconds after ten minutes, and four times that after twenty.
  const std::size_t shadow = shadow_of(kObservedRule, grid_index_at_least(20'000));
  for (ValueHash key = 0; key < 10; ++key)
    pacer.changed("A", {.key = key, .before = 0, .after = 1}, kStart);
  double calls = 0;
  for (TimePoint now = kStart; now <= kStart + 20min; now += kRepriceEvery) {
    pacer.reprice(now, {.calls = 100});
    for (const auto& [slot, counts] : pacer.take_learned().slots) calls += counts[shadow];
  }
  const double price = grid_prices()[grid_index_at_least(20'000)];
  EXPECT_NEAR(calls, std::sqrt(12'000 / price), 1 / kPartsOfACall);
}

TEST(PushPacer, TellsWhatItHasLearnedOnlyOnce) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(pacer, 1h);
  EXPECT_FALSE(pacer.take_learned().empty());
  EXPECT_TRUE(pacer.take_learned().empty());
}

TEST(PushPacer, LearnsWhatItsChangesHaveDoneToTheRows) {
  PushPacer pacer({.org_day = utc_day});
  pacer.changed("A", {.key = 1, .after = 7}, kStart);
  pacer.changed("A", {.key = 1, .before = 7, .after = 8}, kStart);
  pacer.changed("A", {.key = 1, .before = 8, .after = 9}, kStart);
  pacer.changed("A", {.key = 1, .before = 9}, kStart);
  const std::array<double, kChangeKinds> kinds = {1, 2, 1};
  EXPECT_EQ(pacer.take_learned().arrivals.sources.at("A").recent, kinds);
}

// The rule of observed row-seconds has let more grow stale, the others have spent far more calls.
TEST(PushPacer, TakesTheRuleThatCostsLeastInCallsAndStaleRowsTogether) {
  Learned known;
  for (std::size_t shadow = 0; shadow < kShadowCount; ++shadow) {
    const bool observes = shadow / kPriceCount == kObservedRule;
    known.totals.calls.at(shadow) = observes ? 100 : 10'000;
    known.totals.stale_row_seconds.at(shadow) = observes ? 1000 : 0;
  }
  PushPacer pacer({.org_day = utc_day});
  pacer.remember(known, kStart);
  pacer.reprice(kStart, {.calls = 100});
  pacer.set_waiting({waiting("A", 1)}, kStart);
  ASSERT_GT(pacer.price(), 60);
  EXPECT_NEAR(static_cast<double>((*pacer.due_of("A", kStart) - kStart).count()) / 1000,
              pacer.price(), 1);
}

TEST(PushPacer, ThePriceRisesWithEachCallThatWasNotPlanned) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(pacer, 1min);
  const TimePoint now = kMidnight + kDay + 1h;
  pacer.reprice(now, {.calls = 150});
  const double planned = pacer.price();
  for (std::int64_t left = 149; left >= 110; --left) pacer.have_left(left, now);
  const double after = pacer.price();
  EXPECT_GT(after, 1.3 * planned);
  pacer.reprice(now, {.calls = 110});
  EXPECT_NEAR(after, pacer.price(), 0.2 * pacer.price());
}

TEST(PushPacer, WhatOthersSpendRaisesThePriceToo) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(pacer, 1min);
  const TimePoint now = kMidnight + kDay + 1h;
  pacer.reprice(now, {.calls = 150});
  const double planned = pacer.price();
  pacer.have_left(110, now);
  EXPECT_GT(pacer.price(), 1.3 * planned);
}

// Ten rows that have waited a minute are worth a call until calls become dear.
TEST(PushPacer, WhatWasDueIsNotWhenCallsHaveBecomeDearMeanwhile) {
  PushPacer pacer({.calls_per_day = 200, .org_day = utc_day});
  live_through_a_day(pacer, 1min);
  const TimePoint now = kMidnight + kDay + 1h;
  pacer.reprice(now, {.calls = 150});
  pacer.set_waiting({waiting("A", 10, now)}, now);
  const TimePoint due = *pacer.due_of("A", now);
  pacer.have_left(30, now);
  EXPECT_GT(*pacer.due_of("A", due), due);
  EXPECT_GT(pacer.next(due)->due, due);
}

TEST(PushPacer, TheFirstPriceStaysTheMostUntilMoreIsKnown) {
  PushPacer pacer({.org_day = utc_day});
  pacer.reprice(kStart, {.calls = 2500});
  for (std::int64_t left = 2499; left > 2400; --left) pacer.have_left(left, kStart);
  EXPECT_LE(pacer.price(), 3600);
}

}  // namespace
}  // namespace weir::pacing
