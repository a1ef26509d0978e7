// Whatever never falls, the first moment at which it reaches its goal is the one that bisecting
// finds, as a price is solved and a due found anew thousands of times a day and none may move.
#include "pacing/first_moment.h"

#include <gtest/gtest.h>
// After gtest.h, which it needs.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

constexpr TimePoint kStart{std::chrono::days{20'000}};

// Grows evenly, in jumps and ever faster, each or none of it.
struct Growing {
  int goal = 1;
  int a_second = 0;
  int doubled_within_seconds = 0;  // 0: not
  std::vector<int> jumps_at_seconds = {};

  double operator()(TimePoint t) const {
    const double elapsed = seconds(t - kStart);
    double value = a_second * elapsed - goal;
    if (doubled_within_seconds > 0) value += std::exp2(elapsed / doubled_within_seconds) - 1;
    for (const int at : jumps_at_seconds) value += elapsed >= at ? 50'000 : 0;
    return value;
  }
};

void showValue(const Growing& growing, std::ostream& out) {
  out << growing.goal << " at " << growing.a_second << " a second, doubled within "
      << growing.doubled_within_seconds << " s, " << growing.jumps_at_seconds.size() << " jumps";
}

rc::Gen<Growing> anything_that_grows() {
  return rc::gen::build<Growing>(
      rc::gen::set(&Growing::goal, rc::gen::inRange(1, 1'000'000)),
      rc::gen::set(&Growing::a_second, rc::gen::inRange(0, 20)),
      rc::gen::set(&Growing::doubled_within_seconds, rc::gen::inRange(0, 10'000)),
      rc::gen::set(&Growing::jumps_at_seconds,
                   rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100'000))));
}

TimePoint by_bisecting(TimePoint early, TimePoint late, const Growing& growing) {
  while (late - early > Milliseconds{1}) {
    const TimePoint middle = early + (late - early) / 2;
    (growing(middle) >= 0 ? late : early) = middle;
  }
  return late;
}

RC_GTEST_PROP(FirstMoment, IsWhatBisectingFindsForAnythingThatNeverFalls, ()) {
  const Growing growing = *anything_that_grows();
  const TimePoint early = kStart - Milliseconds{1};
  const TimePoint late = kStart + Milliseconds(*rc::gen::inRange(0, 100'000'000));
  int looks = 0;
  const TimePoint found = first_moment(early, growing(early), late, [&](TimePoint t) {
    ++looks;
    return growing(t);
  });
  RC_ASSERT(found == by_bisecting(early, late, growing));
  const auto halvings = std::bit_width(static_cast<std::uint64_t>((late - early).count()));
  RC_ASSERT(looks <= kLooksPerHalving * (halvings + 1));
}

TEST(FirstMoment, OfWhatGrowsEvenlyIsFoundInAFewLooks) {
  int looks = 0;
  const auto growing = [&](TimePoint t) {
    ++looks;
    return 3 * seconds(t - kStart) - 100'000;
  };
  EXPECT_EQ(first_moment(kStart, -100'000, kStart + std::chrono::hours{24}, growing),
            kStart + Milliseconds{33'333'334});
  EXPECT_LE(looks, 6);
}

}  // namespace
}  // namespace weir::pacing
