#include "pacing/row_versions.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

// A row that was 7 at first, became 8 with change 3 at 100 s and 7 again with change 5 at 200 s.
RowVersions there_and_back() {
  RowVersions row(7);
  row.add({.change = 3, .value = 8, .since = 100});
  row.add({.change = 5, .value = 7, .since = 200});
  return row;
}

TEST(RowVersions, AShadowHoldsTheVersionOfItsLastCall) {
  const RowVersions row = there_and_back();
  EXPECT_EQ(row.held_at(2, 0), 0U);
  EXPECT_EQ(row.held_at(3, 2), 1U);
  EXPECT_EQ(row.held_at(9, 1), 2U);
}

TEST(RowVersions, ARowThatHasReturnedIsNotStale) {
  const RowEffect effect = there_and_back().effect(0, 9);
  EXPECT_FALSE(effect.was_stale);
  EXPECT_TRUE(effect.is_stale);
}

TEST(RowVersions, ARowIsStaleSinceItLastDiffered) {
  RowVersions row = there_and_back();
  row.add({.change = 6, .value = 9, .since = 300});
  EXPECT_EQ(row.effect(0, 8).stale_since, 300);
  EXPECT_EQ(row.effect(1, 8).stale_since, 200);
  EXPECT_FALSE(row.effect(1, 8).is_stale);
}

TEST(RowVersions, ForgetsWhatEveryShadowHasSent) {
  RowVersions row = there_and_back();
  EXPECT_FALSE(row.forget_before(4));
  EXPECT_EQ(row.size(), 2U);
  EXPECT_EQ(row.held_at(4, 0), 0U);
  EXPECT_TRUE(row.forget_before(5));
}

}  // namespace
}  // namespace weir::pacing
