#include "pacing/arrival_rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace weir::pacing {
namespace {

constexpr double kHour = 3600;
constexpr double kStart = 1'704'067'200;

TEST(ArrivalRates, MeasuresASteadyRate) {
  ArrivalRates rates;
  rates.add_source();
  rates.refresh(kStart);
  for (double t = kStart; t < kStart + 6 * kHour; t += 60) rates.arrived(0, t);
  rates.refresh(kStart + 6 * kHour);
  const ExpectedRate rate = rates.expected(0, kStart + 6 * kHour);
  EXPECT_NEAR(rate.own, 1.0 / 60, 0.001);
  EXPECT_NEAR(rate.by_share, 1.0 / 60, 0.002);
}

TEST(ArrivalRates, ForgetsWithinHours) {
  ArrivalRates rates;
  rates.add_source();
  for (int i = 0; i < 100; ++i) rates.arrived(0, kStart);
  EXPECT_NEAR(rates.expected(0, kStart + 2700).own / rates.expected(0, kStart).own,
              1 / std::exp(1.0), 0.001);
}

TEST(ArrivalRates, ExpectsASilentSourceToWakeWithTheOthers) {
  ArrivalRates rates;
  for (int i = 0; i < 2; ++i) rates.add_source();
  rates.refresh(kStart);
  // Both are as busy on the first day; then only one is.
  for (int i = 0; i < 200; ++i) rates.arrived(static_cast<std::size_t>(i % 2), kStart + i * 60);
  const double later = kStart + 24 * kHour;
  for (int i = 0; i < 60; ++i) rates.arrived(0, later + i * 60);
  rates.refresh(later + kHour);
  const ExpectedRate silent = rates.expected(1, later + kHour);
  EXPECT_LT(silent.own, 1e-6);
  EXPECT_GT(silent.by_share, 0.001);
}

TEST(ArrivalRates, LearnsThatABurstGoesOnAndThatItIsOver) {
  ArrivalRates rates;
  rates.add_source();
  double t = kStart;
  // Twenty changes, three seconds apart, every half hour.
  for (int burst = 0; burst < 50; ++burst, t += 1800) {
    for (int i = 0; i < 20; ++i) rates.arrived(0, t + 3 * i);
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
    rates.arrived(0, t += gap(random));
  }
  const Clustering& clustering = *rates.expected(0, t).clustering;
  for (const double since_last : {0.0, 10.0, 100.0})
    EXPECT_NEAR(clustering.ratio(since_last), 1, 0.1);
}

TEST(ArrivalRates, DoesNotGrowWhenTheClockIsSetBack) { EXPECT_EQ(ArrivalRates::fade(-1000), 1); }

// Of two data sources, in bursts.
void live(ArrivalRates& rates, double from, int bursts) {
  for (int burst = 0; burst < bursts; ++burst) {
    for (int i = 0; i < 20; ++i)
      rates.arrived(static_cast<std::size_t>(burst % 2), from + burst * 600 + 3 * i);
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
  after.recall_all(counts.all, counts.clustering, kStart);
  for (ArrivalRates* rates : {&before, &after}) live(*rates, now, 4);
  for (const std::size_t source : {0U, 1U}) {
    const ExpectedRate expected = before.expected(source, now + 2400);
    const ExpectedRate recalled = after.expected(source, now + 2400);
    EXPECT_NEAR(recalled.own, expected.own, 1e-6 * expected.own);
    EXPECT_NEAR(recalled.by_share, expected.by_share, 0.01 * expected.by_share);
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
  rates.arrived(1, kStart + 3600);
  const ArrivalRates::Counts later = rates.take_unshared();
  EXPECT_EQ(later.all.changes, 1);
  ASSERT_EQ(later.sources.size(), 1);
  EXPECT_EQ(later.sources.at(1).changes, 1);
}

TEST(ArrivalRates, TimeInWhichNobodyCountedIsNoSilence) {
  ArrivalRates rates;
  rates.add_source();
  const Arrivals known{.recent = 100, .changes = 100, .last = kStart};
  rates.recall(0, known, kStart + kHour);
  rates.recall_all(known, {}, kStart);
  rates.refresh(kStart + kHour);
  for (const Clustering::Counted& step : rates.take_unshared().clustering)
    EXPECT_LT(step.expected, 1e-6);
}

}  // namespace
}  // namespace weir::pacing
