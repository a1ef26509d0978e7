// Readings that would take many rows from the users who have them: a file that was cut off, or a
// query of another table, in a program that asks nobody.
#include <gmock/gmock.h>

#include <cmath>

#include "service_fixture.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using testing::SyncServiceTest;

constexpr int kRows = 40;

class DeletesGuardTest : public SyncServiceTest {
 protected:
  void SetUp() override {
    crews_->set(rows_of(kRows));
    serve({.guard_deletes = true});
    ann_.sync(*service_);
    ASSERT_EQ(ann_.rows().size(), kRows);
  }

  static std::vector<Row> rows_of(int count, const std::string& user = "ann@x.org") {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) rows.push_back({std::to_string(i), "pole", user});
    return rows;
  }

  struct Guard {
    std::optional<std::int64_t> max_deletes = {};
    std::optional<double> max_deletes_percent = {};
    bool guard_deletes = false;
  };
  // In a process of its own, as far as it can tell.
  void serve(const Guard& guard) {
    SyncSource source = crews();
    source.max_deletes = guard.max_deletes;
    source.max_deletes_percent = guard.max_deletes_percent;
    source.guard_deletes = guard.guard_deletes;
    open({source});
  }

  // What a device is told when the source has these rows; empty: it is answered.
  std::string told(const std::vector<Row>& rows) {
    crews_->set(rows);
    const Result<SyncAnswer> answer = service_->answer(ann_.request());
    if (!answer) return answer.error().message;
    ann_.apply(*answer);
    return "";
  }
};
WEIR_FOR_EVERY_STORE(DeletesGuardTest);

TEST_P(DeletesGuardTest, RefusesMoreThanHalfAndDevicesKeepTheirRows) {
  EXPECT_EQ(told(rows_of(kRows / 2)), "");
  EXPECT_EQ(ann_.rows().size(), kRows / 2) << "half is allowed";
  const std::string words = told(rows_of(9));
  EXPECT_THAT(words, HasSubstr("11 of 20 would go from users who have them, more than half"));
  EXPECT_THAT(words, HasSubstr("set SyncSource::max_deletes to 11"));
  EXPECT_EQ(ann_.rows().size(), kRows / 2);
  EXPECT_EQ(told(rows_of(kRows)), "") << "once the source is mended";
  EXPECT_EQ(ann_.rows().size(), kRows);
}

TEST_P(DeletesGuardTest, HoldsAfterARestart) {
  serve({.guard_deletes = true});
  EXPECT_THAT(told(rows_of(3)), HasSubstr("37 of 40"));
  serve({.max_deletes = 37});
  EXPECT_EQ(told(rows_of(3)), "") << "it was meant";
  EXPECT_EQ(ann_.rows().size(), 3U);
}

TEST_P(DeletesGuardTest, RefusesATableWithoutRowsHoweverFewThereWere) {
  EXPECT_EQ(told(rows_of(kRows / 2)), "");
  EXPECT_EQ(told(rows_of(11)), "");
  EXPECT_EQ(told(rows_of(5)), "") << "of fewer than twenty, more than half may go";
  EXPECT_THAT(told({}), HasSubstr("none would be left"));
  EXPECT_EQ(ann_.rows().size(), 5U);
}

TEST_P(DeletesGuardTest, CountsRowsThatGoToAnotherUser) {
  EXPECT_THAT(told(rows_of(kRows, "bob@x.org")), HasSubstr("40 of 40"));
  EXPECT_THAT(told(rows_of(kRows, "")), HasSubstr("40 of 40"));
  EXPECT_EQ(ann_.rows().size(), kRows);
}

TEST_P(DeletesGuardTest, HoldsToTheLimitThatIsSet) {
  serve({.max_deletes = 2, .guard_deletes = true});
  EXPECT_EQ(told(rows_of(kRows - 2)), "");
  EXPECT_THAT(told(rows_of(kRows - 5)), HasSubstr("more than SyncSource::max_deletes allows"));
  serve({.max_deletes_percent = 10});
  EXPECT_THAT(told(rows_of(kRows - 6)), HasSubstr("more than SyncSource::max_deletes allows"));
  EXPECT_EQ(told(rows_of(kRows - 5)), "");
  serve({.max_deletes_percent = 100, .guard_deletes = true});
  EXPECT_EQ(told({}), "");
  EXPECT_EQ(ann_.rows().size(), 0U);
}

TEST_P(DeletesGuardTest, OfATableThatMayBeCutOffATenthMayGo) {
  crews_->is_cut_off = true;
  EXPECT_EQ(told(rows_of(36)), "");
  EXPECT_THAT(told(rows_of(30)), HasSubstr("the last line has no end"));
  serve({.max_deletes_percent = 50});
  EXPECT_THAT(told(rows_of(30)), HasSubstr("the last line has no end"));
  crews_->is_cut_off = false;
  EXPECT_EQ(told(rows_of(30)), "");
}

TEST_P(DeletesGuardTest, IsNoneWhereNobodyAsksForIt) {
  serve({});
  EXPECT_EQ(told({}), "");
  EXPECT_EQ(ann_.rows().size(), 0U);
}

TEST_P(DeletesGuardTest, RefusesALimitThatIsNoNumberOfRows) {
  for (const Guard& guard : {Guard{.max_deletes = -1}, Guard{.max_deletes_percent = -0.5},
                             Guard{.max_deletes_percent = std::nan("")}})
    EXPECT_THROW(serve(guard), std::runtime_error);
}

}  // namespace
}  // namespace weir
