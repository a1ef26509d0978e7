#include "pacing/shadows.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::pacing {
namespace {

// So many changes are expected that only observed row-seconds count.
constexpr ExpectedRate kMany{.lasting = 1e9, .now = 1e9};
constexpr double kStart = 1e9;

Shadows one_source(const Urgency& urgency = {}) {
  Shadows shadows;
  shadows.add_source(urgency);
  return shadows;
}

// Of the rule of observed row-seconds alone.
std::size_t observed_at(double price) {
  return shadow_of(kObservedRule, grid_index_at_least(price));
}

double calls_at(const Shadows& shadows, double price) {
  return shadows.totals().calls.at(observed_at(price));
}

TEST(Shadows, ThePriceZeroSendsEachChange) {
  Shadows shadows = one_source();
  for (std::uint64_t key = 1; key <= 5; ++key)
    shadows.changed(0, {.key = key, .before = 0, .after = 8}, kStart, kMany);
  EXPECT_EQ(calls_at(shadows, 0), 5);
  EXPECT_EQ(shadows.totals().stale_row_seconds.front(), 0);
}

TEST(Shadows, AHigherPriceSendsLaterAndMore) {
  Shadows shadows = one_source();
  shadows.changed(0, {.key = 1, .after = 8}, kStart, kMany);
  shadows.changed(0, {.key = 2, .after = 8}, kStart, kMany);
  shadows.advance(0, kStart + 1000, kMany);
  EXPECT_EQ(calls_at(shadows, 1400), 1);
  EXPECT_EQ(calls_at(shadows, 3000), 0);
}

TEST(Shadows, ACallIsMadeWhenItsPriceIsReachedNotWhenSomebodyLooks) {
  Shadows shadows = one_source();
  shadows.changed(0, {.key = 1, .after = 8}, kStart, kMany);
  shadows.advance(0, kStart + 100000, kMany);
  EXPECT_NEAR(shadows.totals().stale_row_seconds.at(observed_at(100)),
              grid_prices().at(grid_index_at_least(100)), 1);
}

TEST(Shadows, ARowThatReturnsToThePlatformsValueCostsNoCall) {
  Shadows shadows = one_source();
  shadows.changed(0, {.key = 1, .before = 7, .after = 8}, kStart, kMany);
  shadows.changed(0, {.key = 1, .before = 8, .after = 7}, kStart + 10, kMany);
  shadows.advance(0, kStart + 1e7, kMany);
  EXPECT_EQ(calls_at(shadows, 0), 2);
  EXPECT_EQ(calls_at(shadows, 100), 0);
  EXPECT_NEAR(shadows.totals().stale_row_seconds.at(observed_at(100)), 10, 0.01);
}

TEST(Shadows, ARuleThatExpectsMoreRowsSoonWaitsAndOneThatExpectsNoneSendsAtOnce) {
  Shadows shadows = one_source();
  const std::size_t i = grid_index_at_least(1000);
  shadows.changed(0, {.key = 1, .after = 8}, kStart, {.lasting = 1e-4, .now = 1e-4});
  EXPECT_EQ(shadows.totals().calls.at(shadow_of(kFirstRule, i)), 1);
  EXPECT_EQ(shadows.totals().calls.at(shadow_of(kObservedRule, i)), 0);
}

// A hundred times likelier within fifteen seconds of the last change, hardly at all later.
Clustering bursts() {
  Clustering clustering;
  for (const double since_last : {0.0, 1.0, 2.0, 5.0}) {
    for (int i = 0; i < 100000; ++i) clustering.came(since_last);
    clustering.expected(since_last, 1000);
  }
  for (double since_last = 20; since_last < 1e5; since_last *= 3)
    clustering.expected(since_last, 100000);
  clustering.renew();
  return clustering;
}

TEST(Shadows, AClusteredRuleSendsWhenTheBurstIsOverNotWhenSomebodyLooks) {
  const Clustering clustering = bursts();
  const auto rate = [&](double since_last) {
    return ExpectedRate{
        .lasting = 0.01, .now = 0.01, .since_last = since_last, .clustering = &clustering};
  };
  Shadows shadows = one_source();
  for (std::uint64_t key = 1; key <= 5; ++key)
    shadows.changed(0, {.key = key, .after = 8}, kStart, rate(0));
  const std::size_t shadow = shadow_of(kFirstRule, grid_index_at_least(400));
  EXPECT_EQ(shadows.totals().calls.at(shadow), 0);
  shadows.advance(0, kStart + 10, rate(10));
  EXPECT_EQ(shadows.totals().calls.at(shadow), 0);
  shadows.advance(0, kStart + 300, rate(300));
  EXPECT_EQ(shadows.totals().calls.at(shadow), 1);
  // Five rows until the step that ends 13.5 seconds after the last change.
  EXPECT_NEAR(shadows.totals().stale_row_seconds.at(shadow), 5 * 13.5, 0.5);
}

TEST(Shadows, ACallIsMadeWhenTheRateHasFallenFarEnoughNotWhenSomebodyLooks) {
  // Of two shadows one is looked at every second, the other after ten minutes.
  Shadows often = one_source();
  Shadows once = one_source();
  const auto rate = [](double t) {
    const double now = 0.05 - 0.00008 * t;
    return ExpectedRate{.lasting = 0.01, .now = now, .since_last = t};
  };
  for (Shadows* shadows : {&often, &once}) {
    for (std::uint64_t key = 1; key <= 3; ++key)
      shadows->changed(0, {.key = key, .after = 8}, kStart, rate(0));
  }
  for (double t = 1; t <= 600; ++t) often.advance(0, kStart + t, rate(t));
  once.advance(0, kStart + 600, rate(600));
  for (std::size_t rule = 0; rule < kRuleCount; ++rule) {
    const std::size_t shadow = shadow_of(rule, grid_index_at_least(400));
    EXPECT_EQ(once.totals().calls.at(shadow), often.totals().calls.at(shadow)) << rule;
    const double stale = often.totals().stale_row_seconds.at(shadow);
    EXPECT_NEAR(once.totals().stale_row_seconds.at(shadow), stale, 0.4 * stale) << rule;
  }
}

TEST(Shadows, AHeavyRowCountsAsManyRows) {
  Shadows shadows = one_source({.weight = 10});
  shadows.changed(0, {.key = 1, .after = 8}, kStart, kMany);
  shadows.advance(0, kStart + 300, kMany);
  EXPECT_EQ(calls_at(shadows, 1000), 1);
  EXPECT_EQ(calls_at(shadows, 3000), 0);
}

TEST(Shadows, ADeadlineIsKeptAtAnyPrice) {
  Shadows shadows = one_source({.deadline = std::chrono::seconds{60}});
  shadows.changed(0, {.key = 1, .after = 8}, kStart, kMany);
  shadows.advance(0, kStart + 59, kMany);
  EXPECT_EQ(shadows.totals().calls.back(), 0);
  shadows.advance(0, kStart + 61, kMany);
  EXPECT_EQ(shadows.totals().calls.back(), 1);
  EXPECT_NEAR(shadows.totals().stale_row_seconds.back(), 60, 0.1);
}

TEST(Shadows, AClockThatIsSetBackUndoesNothing) {
  Shadows shadows = one_source();
  shadows.changed(0, {.key = 1, .after = 8}, kStart, kMany);
  shadows.advance(0, kStart - 5000, kMany);
  shadows.advance(0, kStart - 4990, kMany);
  EXPECT_NEAR(shadows.totals().stale_row_seconds.back(), 10, 0.01);
}

TEST(Shadows, OneRowThatChangesForEverTakesNoMoreAndMoreMemory) {
  Shadows shadows = one_source();
  for (std::uint64_t i = 0; i < 20000; ++i) {
    shadows.changed(0, {.key = 1, .before = i + 1, .after = i + 2},
                    kStart + 30 * static_cast<double>(i), kMany);
  }
  EXPECT_GT(calls_at(shadows, 0), calls_at(shadows, 1000));
}

TEST(Shadows, CountRowsOfTheMeanWeight) {
  const auto played = [](double mean_weight) {
    Shadows shadows;
    shadows.set_mean_weight(mean_weight);
    shadows.add_source({.weight = 4 * mean_weight});
    for (std::uint64_t key = 1; key <= 9; ++key)
      shadows.changed(0, {.key = key, .after = 8}, kStart + static_cast<double>(key), kMany);
    shadows.advance(0, kStart + 1000, kMany);
    return shadows.totals();
  };
  const ShadowTotals totals = played(1024);
  EXPECT_EQ(totals.calls, played(1).calls);
  EXPECT_EQ(totals.stale_row_seconds, played(1).stale_row_seconds);
}

TEST(Shadows, AreHalfWayToTheNextCallInHalfTheTime) {
  Shadows shadows = one_source();
  const auto progress_at = [&](double t, std::size_t shadow) {
    shadows.advance(0, t, kMany);
    std::array<double, kShadowCount> progress = {};
    shadows.add_progress(0, kMany, progress);
    return progress.at(shadow);
  };
  // Rows gather evenly, two a second.
  for (int i = 0; i < 100; ++i)
    shadows.changed(0, {.key = static_cast<std::uint64_t>(i), .after = 8}, kStart + i / 2.0, kMany);
  const std::size_t dear = observed_at(10'000);
  const double price = grid_prices().at(grid_index_at_least(10'000));
  // 50 seconds of a hundred, by then it would be worth 10,000.
  EXPECT_NEAR(progress_at(kStart + 50, dear), 0.5 * std::sqrt(10'000 / price), 0.01);
  EXPECT_EQ(progress_at(kStart + 50, observed_at(0)), 0);
}

}  // namespace
}  // namespace weir::pacing
