#include "advice/savings.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::advice {
namespace {

using namespace std::chrono_literals;

// Twice the calls, half the staleness.
const FreshnessCurve kHalves({{.calls = 100, .stale_row_seconds = 80'000},
                              {.calls = 200, .stale_row_seconds = 40'000},
                              {.calls = 400, .stale_row_seconds = 20'000}});

CallTotal total(const std::string& target, const std::string& reason, std::int64_t calls) {
  return {.target = target, .reason = reason, .calls = calls, .rows = calls};
}

CallTotal push(const std::string& source, std::int64_t calls) {
  return total("/api/v2/datasource " + source, "price", calls);
}

const Advice* find(const AdviceReport& report, Measure measure, const std::string& target = "") {
  for (const Advice& advice : report.advice) {
    if (advice.measure == measure && advice.target == target) return &advice;
  }
  return nullptr;
}

TEST(FreshnessCurve, GoesAlongAPowerLawBetweenItsPoints) {
  EXPECT_NEAR(kHalves.stale_at(200), 40'000, 1);
  EXPECT_NEAR(kHalves.stale_at(100 * std::sqrt(2)), 80'000 / std::sqrt(2), 10);
}

TEST(FreshnessCurve, StretchesInInverseProportionBelowItsPoints) {
  EXPECT_NEAR(kHalves.stale_at(50), 160'000, 1);
}

TEST(FreshnessCurve, IsFlatBeyondItsPoints) { EXPECT_NEAR(kHalves.stale_at(5000), 20'000, 1); }

TEST(FreshnessCurve, NeedsADayOfWhatTheShadowsSaw) {
  const TimePoint now{100 * 24h};
  pacing::Learned known;
  known.slots[pacing::slot_of(now - 23h)][0] = 10;
  known.totals.calls[0] = 10;
  EXPECT_FALSE(FreshnessCurve::of(known, now));
  known.slots[pacing::slot_of(now - 48h)][0] = 10;
  known.totals.calls[0] = 20;
  const std::optional<FreshnessCurve> curve = FreshnessCurve::of(known, now);
  ASSERT_TRUE(curve);
  EXPECT_EQ(curve->stale_at(10), 0);  // sent at once, so never stale
}

TEST(FreshnessCurve, TakesTheBestRuleAtEachPrice) {
  const TimePoint now{100 * 24h};
  pacing::Learned known;
  pacing::SlotCounts& slot = known.slots[pacing::slot_of(now - 24h)];
  const std::size_t price = 10;
  const auto play = [&](std::size_t rule, double calls, double stale) {
    const std::size_t shadow = pacing::shadow_of(rule, price);
    slot[shadow] = static_cast<float>(calls);
    // The totals reach back further: ten such days.
    known.totals.calls[shadow] = 10 * calls;
    known.totals.stale_row_seconds[shadow] = 10 * stale;
  };
  play(0, 50, 30'000);
  play(3, 50, 20'000);
  const std::optional<FreshnessCurve> curve = FreshnessCurve::of(known, now);
  ASSERT_TRUE(curve);
  EXPECT_NEAR(curve->stale_at(50), 20'000, 1);
}

TEST(FreshnessCurve, KnowsTheCallsThatNoPriceAvoids) {
  const auto forced = [](double by_deadlines) {
    const TimePoint now{100 * 24h};
    pacing::Learned known;
    for (std::size_t price = 1; price < pacing::kPriceCount; ++price) {
      const double calls = 1e6 / std::sqrt(pacing::grid_prices().at(price)) + by_deadlines;
      known.slots[pacing::slot_of(now - 24h)].at(price) = static_cast<float>(calls);
      known.totals.calls.at(price) = calls;
    }
    return FreshnessCurve::of(known, now).value().forced_calls();
  };
  EXPECT_NEAR(forced(0), 0, 1) << "rows are many, and each call is made for its price";
  EXPECT_NEAR(forced(500), 500, 1);
}

TEST(Savings, SaysNothingBeforeAWholeDayHasPassed) {
  const AdviceReport report = savings({}, kHalves);
  EXPECT_EQ(report.days, 0);
  EXPECT_TRUE(report.advice.empty());
}

TEST(Savings, GivesTheCallsOfABusySourceToTheOthers) {
  const AdviceReport report =
      savings({.days = 2, .totals = {push("BUSY", 200), push("OTHER", 200)}}, kHalves);
  EXPECT_EQ(report.calls, 200);
  EXPECT_NEAR(report.stale_row_seconds.value(), 40'000, 1);
  const Advice* busy = find(report, Measure::kPlatformSync, "BUSY");
  ASSERT_NE(busy, nullptr);
  EXPECT_EQ(busy->calls_freed, 100);
  // The other has half the staleness, and then twice the calls.
  EXPECT_NEAR(busy->row_seconds_saved.value(), 10'000, 1);
  EXPECT_NEAR(busy->share_saved.value(), 0.5, 0.001);
}

TEST(Savings, PrefersAConnectorWherePushesAreFurtherApartThanItsQuarterHour) {
  const AdviceReport report =
      savings({.days = 1, .totals = {push("CALM", 90), push("BUSY", 110)}}, kHalves);
  EXPECT_NE(find(report, Measure::kDataSourceConnector, "CALM"), nullptr);
  EXPECT_NE(find(report, Measure::kPlatformSync, "BUSY"), nullptr);
}

TEST(Savings, TellsWhatMoreCallsWouldBuy) {
  const AdviceReport report = savings({.days = 1, .totals = {push("A", 200)}}, kHalves);
  const Advice* more = find(report, Measure::kMoreCalls);
  ASSERT_NE(more, nullptr);
  EXPECT_EQ(more->calls_freed, 0);
  EXPECT_NEAR(more->share_saved.value(), 0.5, 0.001);
}

TEST(Savings, ReplacesThePollsOfAFormAllButASafetyNet) {
  const AdviceReport report = savings(
      {.days = 1, .totals = {push("A", 100), total("/api/v2/formentry/search 77", "poll", 124)}},
      kHalves);
  const Advice* polls = find(report, Measure::kFormConnector, "77");
  ASSERT_NE(polls, nullptr);
  EXPECT_EQ(polls->calls_freed, 100);
  EXPECT_NEAR(polls->row_seconds_saved.value(), 40'000, 1);
}

TEST(Savings, LeavesAPollAloneThatIsASafetyNetAlready) {
  const AdviceReport report =
      savings({.days = 1, .totals = {total("/api/v2/formentry/search 77", "poll", 24)}}, {});
  EXPECT_TRUE(report.advice.empty());
}

TEST(Savings, CountsHalfTheCallsThatADeadlineForces) {
  const AdviceReport report = savings(
      {.days = 1,
       .totals = {push("A", 40), total("/api/v2/datasource A", "deadline", 60), push("B", 100)}},
      kHalves);
  const Advice* longer = find(report, Measure::kLongerDeadline, "A");
  ASSERT_NE(longer, nullptr);
  EXPECT_EQ(longer->calls_freed, 30);
}

TEST(Savings, WithoutACurveStillCountsTheCalls) {
  const AdviceReport report = savings({.days = 1, .totals = {push("A", 100), push("B", 50)}}, {});
  EXPECT_FALSE(report.stale_row_seconds);
  const Advice* advice = find(report, Measure::kPlatformSync, "A");
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->calls_freed, 100);
  EXPECT_FALSE(advice->row_seconds_saved);
  EXPECT_EQ(find(report, Measure::kMoreCalls), nullptr);
}

TEST(Savings, KeepsQuietAboutWhatSavesNextToNothing) {
  const AdviceReport report = savings({.days = 1, .totals = {push("A", 1000), push("TINY", 1)}},
                                      FreshnessCurve({{.calls = 1000, .stale_row_seconds = 0}}));
  EXPECT_EQ(find(report, Measure::kDataSourceConnector, "TINY"), nullptr);
  EXPECT_EQ(find(report, Measure::kMoreCalls), nullptr);
}

TEST(Savings, PutsWhatIsOfMostUseFirst) {
  const AdviceReport report = savings(
      {.days = 1, .totals = {push("SMALL", 10), push("LARGE", 100), push("MIDDLE", 50)}}, kHalves);
  ASSERT_GE(report.advice.size(), 3U);
  for (std::size_t i = 1; i < report.advice.size(); ++i)
    EXPECT_GE(report.advice[i - 1].row_seconds_saved.value(),
              report.advice[i].row_seconds_saved.value());
}

}  // namespace
}  // namespace weir::advice
