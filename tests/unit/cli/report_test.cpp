#include "output/report.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

using namespace std::chrono_literals;

TEST(Report, IsTheDocumentedObject) {
  EXPECT_EQ(
      as_json(SendSummary{.source = "A",
                          .rows = 4,
                          .upserted = 2,
                          .deleted = 1,
                          .unchanged = 1,
                          .calls = 1,
                          .calls_left = 99}),
      R"({"source":"A","rows":4,"upserted":2,"deleted":1,"unchanged":1,"calls":1,"calls_left":99})");
}

TEST(Report, ShowsTheUsageAsDocumented) {
  Usage usage;
  usage.org_day = "2024-02-05";
  usage.calls_today = 1;
  usage.limit = 2500;
  usage.left = 2499;
  usage.resets_at = TimePoint{Milliseconds{1707206400000}};
  EXPECT_EQ(
      as_json(usage),
      R"({"org_day":"2024-02-05","calls_today":1,"limit":2500,"left":2499,"resets_at":"2024-02-06T08:00:00Z",)"
      R"("last_call_at":null,"open_connections":0,"price_row_s":0.0,"log":[],"outside":0,"reserve":0,)"
      R"("closed":false,"lasts_until":null,"connections_allowed":0,"clock_is_observed":false,"totals":[]})");
  usage.log = {{.time = TimePoint{Milliseconds{1707206400000}},
                .method = "PUT",
                .target = "/x A",
                .rows = 3,
                .status = 200,
                .reason = "price"}};
  EXPECT_NE(
      as_json(usage).find(
          R"("log":[{"time":"2024-02-06T08:00:00Z","method":"PUT","target":"/x A","rows":3,"status":200,"reason":"price","charged":true,)"),
      std::string::npos);
}

TEST(Report, WritesTimesOfAllYears) {
  EXPECT_EQ(iso_time(TimePoint{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(TimePoint{-1ms}), "1969-12-31T23:59:59Z");
}

TEST(Report, ShowsABarForTheDay) {
  Usage usage;
  usage.calls_today = 1250;
  usage.limit = 2500;
  const auto shows = [&](const std::string& text) {
    return as_text(usage, TimePoint{}).find(text) != std::string::npos;
  };
  EXPECT_TRUE(shows("[####################....................]"));
  usage.outside = 625;
  EXPECT_TRUE(shows("[####################oooooooooo..........]"));
  usage.outside = 0;
  usage.calls_today = 1;
  EXPECT_TRUE(shows("[#.......................................]"));
  usage.closed = true;
  EXPECT_TRUE(shows("[#ooooooooooooooooooooooooooooooooooooooo]"));
}

TEST(Report, SaysHowLongItIsToTheReset) {
  Usage usage;
  usage.resets_at = TimePoint{2h + 59min + 1s};
  EXPECT_NE(as_text(usage, TimePoint{}).find("in 3 h 0 min"), std::string::npos);
  EXPECT_NE(as_text(usage, TimePoint{2h + 30min}).find(", in 30 min"), std::string::npos);
}

TEST(Report, ForetellsNothingOfADayThatIsSpent) {
  Usage usage;
  usage.lasts_until = TimePoint{1h};
  EXPECT_EQ(as_text(usage, TimePoint{}).find("the last hour"), std::string::npos);
  usage.left = 1;
  EXPECT_NE(as_text(usage, TimePoint{}).find("the last hour"), std::string::npos);
}

TEST(Report, NamesTheErrorForScripts) {
  EXPECT_EQ(as_json(Error{.code = ErrorCode::kBudgetExhausted, .message = "spent"}),
            R"({"error":{"code":"budget_exhausted","message":"spent"}})");
}

}  // namespace
}  // namespace weir::cli
