#include "pacing/arrivals.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

constexpr double kStart = 1'704'067'200;

TEST(Arrivals, TellInsertsUpdatesAndDeletesApart) {
  EXPECT_EQ(kind_of({.key = 1, .before = 0, .after = 7}), ChangeKind::kInsert);
  EXPECT_EQ(kind_of({.key = 1, .before = 7, .after = 8}), ChangeKind::kUpdate);
  EXPECT_EQ(kind_of({.key = 1, .before = 8, .after = 0}), ChangeKind::kDelete);
  Arrivals arrivals;
  add_one(arrivals, ChangeKind::kDelete, kStart);
  const Pace pace = pace_at(arrivals, kStart);
  EXPECT_EQ(pace.recent[0] + pace.recent[1], 0);
  EXPECT_GT(pace.recent[2], 0);
}

TEST(Arrivals, WhoHasWatchedForTenMinutesKnowsThePaceAllTheSame) {
  Arrivals arrivals;
  for (double t = 0; t < 600; t += 10) add_one(arrivals, ChangeKind::kInsert, kStart + t);
  const Pace pace = pace_at(arrivals, kStart + 600, 600);
  EXPECT_NEAR(pace.of_all_kinds(), 0.1, 0.005);
  EXPECT_NEAR(pace.just_now, 0.1, 0.005);
  EXPECT_LT(pace_at(arrivals, kStart + 600).of_all_kinds(), 0.03);
}

TEST(Arrivals, TheLatestChangesFadeFirst) {
  Arrivals arrivals;
  for (int i = 0; i < 100; ++i) add_one(arrivals, ChangeKind::kUpdate, kStart);
  const Pace at_once = pace_at(arrivals, kStart);
  const Pace later = pace_at(arrivals, kStart + 1800);
  EXPECT_GT(at_once.just_now, 5 * at_once.of_all_kinds());
  EXPECT_LT(later.just_now, later.of_all_kinds());
}

TEST(Arrivals, TwoProcessesTogetherHaveSeenAllOfThem) {
  Arrivals one;
  Arrivals other;
  Arrivals all;
  for (int i = 0; i < 60; ++i) {
    add_one(i % 3 == 0 ? one : other, ChangeKind::kUpdate, kStart + 7 * i);
    add_one(all, ChangeKind::kUpdate, kStart + 7 * i);
  }
  add(one, other);
  EXPECT_EQ(one.changes, 60);
  EXPECT_EQ(one.last, all.last);
  EXPECT_NEAR(one.recent[1], all.recent[1], 1e-9);
  EXPECT_NEAR(one.just_now, all.just_now, 1e-9);
}

}  // namespace
}  // namespace weir::pacing
