#include "advice/lived.h"

#include <gtest/gtest.h>

namespace weir::advice {
namespace {

using namespace std::chrono_literals;
using outbox::RowChange;

constexpr TimePoint kMidnight{24h * 20'000};

class LivedTest : public ::testing::Test {
 protected:
  RehearsedSource::Side of(const std::string& source) { return lived_.by_source().at(source); }
  double stale_on(const std::string& day) { return lived_.days().at(day).stale_row_seconds; }

  // S has a deadline of ten minutes, the others have none.
  void changed(const std::string& source, const RowChange& change, TimePoint now) {
    lived_.changed(source, change, source == "S" ? Milliseconds(10min) : 0ms, now);
  }

  Lived lived_{budget::OrgCalendar::open("UTC", kMidnight).value(),
               {.from = kMidnight, .to = kMidnight + 48h}};
};

TEST_F(LivedTest, CountsRowsUntilTheyAreSent) {
  changed("S", {.key = 1, .before = 5, .after = 6}, kMidnight + 1h);
  changed("S", {.key = 2, .before = 0, .after = 6}, kMidnight + 1h);
  const std::vector<RowChange> sent = {{.key = 1}, {.key = 7}};
  EXPECT_EQ(lived_.sent("S", sent, kMidnight + 1h + 100s), 1);
  lived_.sent_all("S", kMidnight + 1h + 1000s);
  lived_.finish();
  EXPECT_DOUBLE_EQ(of("S").stale_row_seconds, 1100);
  EXPECT_DOUBLE_EQ(stale_on("2024-10-04"), 1100);
  EXPECT_EQ(of("S").deadlines_kept, 0.5);
  EXPECT_EQ(of("S").staleness_95, 100s);
}

TEST_F(LivedTest, ARowThatIsAsThePlatformHasItIsNotStale) {
  changed("S", {.key = 1, .before = 5, .after = 6}, kMidnight + 1h);
  changed("S", {.key = 1, .before = 6, .after = 5}, kMidnight + 1h + 60s);
  lived_.finish();
  EXPECT_DOUBLE_EQ(of("S").stale_row_seconds, 60);
  EXPECT_FALSE(of("S").staleness_95);
}

TEST_F(LivedTest, CountsWithinItsDaysAloneAndEachDayByItself) {
  changed("S", {.key = 1, .before = 5, .after = 6}, kMidnight - 1h);
  lived_.called("S", 1, kMidnight - 1h);
  lived_.sent_all("S", kMidnight + 25h);
  lived_.called("S", 2, kMidnight + 25h);
  lived_.finish();
  EXPECT_DOUBLE_EQ(stale_on("2024-10-04"), 24 * 3600);
  EXPECT_DOUBLE_EQ(stale_on("2024-10-05"), 3600);
  EXPECT_DOUBLE_EQ(of("S").stale_row_seconds, 25 * 3600);
  EXPECT_EQ(of("S").calls, 2);
  EXPECT_EQ(lived_.calls_on("2024-10-03"), 1);
  EXPECT_EQ(lived_.days().at("2024-10-05").calls, 2);
  EXPECT_EQ(lived_.days().size(), 2U);
}

TEST_F(LivedTest, WhatIsStaleInTheEndHasMissedItsDeadlineAsWell) {
  changed("S", {.key = 1, .before = 5, .after = 6}, kMidnight + 47h);
  changed("T", {.key = 1, .before = 5, .after = 6}, kMidnight + 47h);
  lived_.finish();
  EXPECT_EQ(of("S").deadlines_kept, 0.0);
  EXPECT_FALSE(of("T").deadlines_kept) << "it has none";
  EXPECT_EQ(of("T").staleness_95, 1h);
}

TEST_F(LivedTest, KnowsOfEachRowTheDeadlineOfItsTime) {
  const RowChange first{.key = 1, .before = 5, .after = 6};
  const RowChange second{.key = 2, .before = 5, .after = 6};
  lived_.changed("S", first, std::nullopt, kMidnight + 1h);
  lived_.sent_all("S", kMidnight + 1h + 200s);
  lived_.changed("S", first, 100s, kMidnight + 2h);
  lived_.changed("S", second, 300s, kMidnight + 2h);
  lived_.sent_all("S", kMidnight + 2h + 200s);
  lived_.finish();
  EXPECT_EQ(of("S").deadlines_kept, 0.5) << "that of the first row is not known";
  EXPECT_EQ(lived_.share_within("S", 200s), 1.0) << "by another deadline, all three rows";
  EXPECT_EQ(lived_.share_within("S", 199s), 0.0);
  EXPECT_FALSE(lived_.share_within("T", 1h)) << "no row of it was stale";
}

TEST_F(LivedTest, WhatIsGivenUpHasNotBeenSent) {
  changed("S", {.key = 1, .before = 5, .after = 6}, kMidnight + 1h);
  const std::vector<RowChange> rows = {{.key = 1}};
  lived_.given_up("S", rows, kMidnight + 2h);
  lived_.finish();
  EXPECT_DOUBLE_EQ(of("S").stale_row_seconds, 3600);
  EXPECT_FALSE(of("S").staleness_95);
}

}  // namespace
}  // namespace weir::advice
