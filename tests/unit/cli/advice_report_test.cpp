#include "output/advice_report.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

AdviceReport two_measures() {
  return {
      .days = 7,
      .calls = 2400,
      .stale_row_seconds = 360'000,
      .advice = {{.measure = Measure::kMoreCalls, .row_seconds_saved = 180'000, .share_saved = 0.5},
                 {.measure = Measure::kPlatformSync,
                  .target = "OUTAGES",
                  .calls_freed = 215,
                  .row_seconds_saved = 36'000,
                  .share_saved = 0.16}}};
}

TEST(AdviceReport, IsTheDocumentedObject) {
  EXPECT_EQ(
      as_json(two_measures()),
      R"({"days":7,"calls_per_day":2400.0,"stale_row_s_per_day":360000.0,"advice":[)"
      R"({"measure":"more_calls","target":"","calls_freed":0.0,"row_s_saved":180000.0,"share_saved":0.5},)"
      R"({"measure":"platform_sync","target":"OUTAGES","calls_freed":215.0,"row_s_saved":36000.0,"share_saved":0.16}]})");
}

TEST(AdviceReport, SaysWhatEachMeasureSaves) {
  EXPECT_EQ(
      as_text(two_measures()),
      "In 7 days: 2400 calls a day, rows were stale for 100 row-hours a day.\n"
      "- Ask the platform's support for 1,000 more calls a day: rows are stale 50 % less (50 "
      "row-hours a day).\n"
      "- Move OUTAGES to Platform Sync: 215 calls a day are freed; all other rows are stale 16 % "
      "less (10 row-hours a day).\n\n"
      "Platform Sync: the app asks your own service, at no call (docs/platform-sync.md).");
}

TEST(AdviceReport, LeavesOutWhatIsNotKnown) {
  const AdviceReport report{
      .days = 1,
      .calls = 100,
      .advice = {{.measure = Measure::kFormConnector, .target = "77", .calls_freed = 76}}};
  EXPECT_EQ(as_json(report), R"({"days":1,"calls_per_day":100.0,"advice":[)"
                             R"({"measure":"form_connector","target":"77","calls_freed":76.0}]})");
  EXPECT_NE(as_text(report).find("How stale rows were is not known yet."), std::string::npos);
}

TEST(AdviceReport, OfNoWholeDaySaysWhenToAskAgain) {
  EXPECT_NE(as_text({}).find("Try again tomorrow"), std::string::npos);
}

}  // namespace
}  // namespace weir::cli
