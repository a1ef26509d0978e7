#include "pacing/arrival_rates.h"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(ArrivalRates, DoesNotGrowWhenTheClockIsSetBack) { EXPECT_EQ(ArrivalRates::fade(-1000), 1); }

}  // namespace
}  // namespace weir::pacing
