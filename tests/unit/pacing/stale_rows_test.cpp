#include "pacing/stale_rows.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{1000h};

TEST(StaleRows, AnInsertThatIsDeletedAgainLeavesNothingToSend) {
  StaleRows rows;
  rows.changed(1, 0, 8, kStart);
  rows.changed(1, 8, 0, kStart + 5s);
  EXPECT_EQ(rows.count(), 0);
  EXPECT_EQ(rows.deletes(), 0);
  EXPECT_EQ(rows.summary("A").stale_since_sum_ms, 0);
}

TEST(StaleRows, ARowThatReturnsTakesItsTimeWithIt) {
  StaleRows rows;
  rows.changed(1, 7, 8, kStart);
  rows.changed(2, 7, 0, kStart + 9s);
  rows.changed(1, 8, 7, kStart + 10s);
  EXPECT_EQ(rows.count(), 1);
  EXPECT_EQ(rows.deletes(), 1);
  EXPECT_EQ(TimePoint(Milliseconds(rows.summary("A").stale_since_sum_ms)), kStart + 9s);
}

TEST(StaleRows, ASecondChangeOfARowMakesItNoFresher) {
  StaleRows rows;
  rows.changed(1, 7, 8, kStart);
  rows.changed(1, 8, 9, kStart + 10s);
  EXPECT_EQ(TimePoint(Milliseconds(rows.summary("A").stale_since_sum_ms)), kStart);
}

TEST(StaleRows, NothingIsStaleOnceSent) {
  StaleRows rows;
  rows.changed(1, 7, 0, kStart);
  rows.sent();
  EXPECT_EQ(rows.count() + rows.deletes(), 0);
}

}  // namespace
}  // namespace weir::pacing
