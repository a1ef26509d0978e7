#include "pacing/arrival_rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace weir::pacing {
namespace {

constexpr double kHour = 3600;
constexpr double kStart = 1'704'067'200;
constexpr ChangeKind kUpdate = ChangeKind::kUpdate;

TEST(ArrivalRates, MeasuresASteadyRate) {
  ArrivalRates rates;
  rates.add_source();
  for (double t = kStart; t < kStart + 12 * kHour; t += 60) {
    rates.refresh(t);
    rates.arrived(0, kUpdate, t);
  }
  const ExpectedRate rate = rates.expected(0, kStart + 12 * kHour);
  EXPECT_NEAR(rate.lasting, 1.0 / 60, 0.001);
  EXPECT_NEAR(rate.now, 1.0 / 60, 0.002);
}

TEST(ArrivalRates, ForgetsWithinHours) {
  ArrivalRates rates;
  rates.add_source();
  for (int i = 0; i < 100; ++i) rates.arrived(0, kUpdate, kStart);
  const double then = rates.expected(0, kStart).lasting;
  EXPECT_NEAR(rates.expected(0, kStart + 2700).lasting / then, 1 / std::exp(1.0), 0.001);
}

TEST(ArrivalRates, ExpectsASilentSourceToWakeWithTheOthers) {
  ArrivalRates rates;
  for (int i = 0; i < 2; ++i) rates.add_source();
  rates.refresh(kStart);
  // Both are as busy on the first day; then only one is.
  for (int i = 0; i < 200; ++i)
    rates.arrived(static_cast<std::size_t>(i % 2), kUpdate, kStart + i * 60);
  const double later = kStart + 24 * kHour;
  const double asleep = rates.expected(1, later).now;
  for (int i = 0; i < 60; ++i) rates.arrived(0, kUpdate, later + i * 60);
  EXPECT_GT(rates.expected(1, later + kHour).now, 100 * asleep);
  EXPECT_GT(rates.expected(1, later + kHour).lasting, 0.0005);
}

TEST(ArrivalRates, DoesNotGrowWhenTheClockIsSetBack) {
  ArrivalRates rates;
  rates.add_source();
  rates.arrived(0, kUpdate, kStart);
  EXPECT_EQ(rates.expected(0, kStart - 1000).lasting, rates.expected(0, kStart).lasting);
}

TEST(ArrivalRates, LearnsThatABurstGoesOnAndThatItIsOver) {
  ArrivalRates rates;
  rates.add_source();
  double t = kStart;
  // Twenty changes, three seconds apart, every half hour.
  for (int burst = 0; burst < 50; ++burst, t += 1800) {
    for (int i = 0; i < 20; ++i) rates.arrived(0, kUpdate, t + 3 * i);
    for (int minute = 2; minute < 30; ++minute) rates.refresh(t + 60 * minute);
  }
  const double last = t - 1800 + 57;
  const auto ratio = [&](double since_last) {
    const ExpectedRate rate = rates.expected(0, last + since_last);
    return rate.clustering->ratio(rate.since_last);
  };
  EXPECT_GT(ratio(2), 5);
  EXPECT_LT(ratio(60), 0.5);
}

TEST(ArrivalRates, SteadyChangesWithoutMemoryShowNoClustering) {
  ArrivalRates rates;
  rates.add_source();
  std::mt19937_64 random(7);
  std::exponential_distribution<double> gap(1.0 / 30);
  double t = kStart;
  for (int i = 0; i < 20000; ++i) {
    rates.refresh(t);
    rates.arrived(0, kUpdate, t += gap(random));
  }
  const Clustering& clustering = *rates.expected(0, t).clustering;
  for (const double since_last : {0.0, 10.0, 100.0})
    EXPECT_NEAR(clustering.ratio(since_last), 1, 0.1);
}

TEST(ArrivalRates, AClockThatIsSetBackBeforeTheBeginningSpoilsNothing) {
  ArrivalRates rates;
  rates.add_source();
  rates.refresh(kStart);
  for (const double t : {kStart, kStart - kHour, kStart - kHour + 10}) {
    rates.arrived(0, kUpdate, t);
    rates.refresh(t);
    EXPECT_TRUE(std::isfinite(rates.expected(0, t).now)) << t;
    EXPECT_TRUE(std::isfinite(rates.expected(0, t).lasting)) << t;
  }
  EXPECT_TRUE(std::isfinite(rates.take_unshared().weights.came[4]));
}

// How much more is expected after five inserts than after five deletes.
double lead_of_inserts(const ArrivalRates& rates, double t) {
  ArrivalRates after_inserts = rates;
  ArrivalRates after_deletes = rates;
  for (int i = 0; i < 5; ++i) {
    after_inserts.arrived(0, ChangeKind::kInsert, t);
    after_deletes.arrived(0, ChangeKind::kDelete, t);
  }
  return after_inserts.expected(0, t).now - after_deletes.expected(0, t).now;
}

TEST(ArrivalRates, LearnThatARowThatCameWillChangeAndOneThatIsGoneWillNot) {
  ArrivalRates rates;
  rates.add_source();
  const double at_first = lead_of_inserts(rates, kStart);
  double t = kStart;
  // Five rows come and change for half an hour; an hour after they came five are gone.
  for (int hour = 0; hour < 24 * 10; ++hour, t += kHour) {
    const bool come = hour % 2 == 0;
    for (int i = 0; i < 5; ++i)
      rates.arrived(0, come ? ChangeKind::kInsert : ChangeKind::kDelete, t);
    for (int minute = 0; minute < 60; ++minute) {
      rates.refresh(t + 60 * minute);
      if (come && minute < 30) rates.arrived(0, kUpdate, t + 60 * minute + 30);
    }
  }
  EXPECT_GT(lead_of_inserts(rates, t), 2 * at_first);
}

// Of two data sources, in bursts.
void live(ArrivalRates& rates, double from, int bursts) {
  for (int burst = 0; burst < bursts; ++burst) {
    for (int i = 0; i < 20; ++i)
      rates.arrived(static_cast<std::size_t>(burst % 2), kUpdate, from + burst * 600 + 3 * i);
    rates.refresh(from + burst * 600 + 300);
  }
}

TEST(ArrivalRates, GoesOnFromWhatWasCountedBefore) {
  ArrivalRates before;
  ArrivalRates after;
  for (ArrivalRates* rates : {&before, &after}) {
    rates->add_source();
    rates->add_source();
  }
  live(before, kStart, 50);
  const double now = kStart + 50 * 600;
  before.refresh(now);
  const ArrivalRates::Counts counts = before.take_unshared();
  for (const auto& [source, arrivals] : counts.sources) after.recall(source, arrivals, now);
  after.recall_all(counts.all, counts.weights, counts.clustering, kStart);
  for (ArrivalRates* rates : {&before, &after}) live(*rates, now, 4);
  for (const std::size_t source : {0U, 1U}) {
    const ExpectedRate expected = before.expected(source, now + 2400);
    const ExpectedRate recalled = after.expected(source, now + 2400);
    EXPECT_NEAR(recalled.lasting, expected.lasting, 0.01 * expected.lasting);
    EXPECT_NEAR(recalled.now, expected.now, 0.02 * expected.now);
    for (const double silence : {1.0, 100.0, 1000.0})
      EXPECT_NEAR(recalled.clustering->ratio(silence), expected.clustering->ratio(silence), 0.02);
  }
}

TEST(ArrivalRates, TellsWhatItHasCountedOnlyOnce) {
  ArrivalRates rates;
  rates.add_source();
  rates.add_source();
  live(rates, kStart, 2);
  EXPECT_EQ(rates.take_unshared().all.changes, 40);
  rates.arrived(1, kUpdate, kStart + 3600);
  const ArrivalRates::Counts later = rates.take_unshared();
  EXPECT_EQ(later.all.changes, 1);
  ASSERT_EQ(later.sources.size(), 1);
  EXPECT_EQ(later.sources.at(1).changes, 1);
}

TEST(ArrivalRates, TimeInWhichNobodyCountedIsNoSilence) {
  ArrivalRates rates;
  rates.add_source();
  const Arrivals known{.recent = {0, 100, 0}, .changes = 100, .last = kStart};
  rates.recall(0, known, kStart + kHour);
  rates.recall_all(known, {}, {}, kStart);
  rates.refresh(kStart + kHour);
  const ArrivalRates::Counts counted = rates.take_unshared();
  for (const Clustering::Counted& step : counted.clustering) EXPECT_LT(step.expected, 1e-6);
  EXPECT_EQ(counted.weights.passed[1][1], 0);
}

}  // namespace
}  // namespace weir::pacing
