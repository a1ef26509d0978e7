#include "pacing/lead.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{std::chrono::days{19'723}};
constexpr double kPace = 20;  // seconds

TEST(Lead, IsNoneBeforeTheFirstCall) { EXPECT_EQ(Lead().at(kStart, kPace), 0); }

TEST(Lead, GrowsByOneWithEachCallAtOnce) {
  Lead lead;
  for (int calls = 1; calls <= 5; ++calls) {
    lead.call(kStart, kPace);
    EXPECT_EQ(lead.at(kStart, kPace), calls);
  }
}

TEST(Lead, IsForgottenAtTwiceTheEvenPace) {
  Lead lead;
  lead.call(kStart, kPace, 4);
  EXPECT_DOUBLE_EQ(lead.at(kStart + 20s, kPace), 2);
  EXPECT_EQ(lead.at(kStart + 40s, kPace), 0);
  EXPECT_EQ(lead.at(kStart + 400h, kPace), 0);
}

TEST(Lead, StaysNoneForWhoCallsAtTwiceTheEvenPaceForEver) {
  Lead lead;
  for (TimePoint now = kStart; now < kStart + 1h; now += 10s) {
    EXPECT_EQ(lead.at(now, kPace), 0);
    lead.call(now, kPace);
  }
}

TEST(Lead, NeitherGrowsNorFallsByAClockThatIsSetBack) {
  Lead lead;
  lead.call(kStart, kPace, 3);
  EXPECT_EQ(lead.at(kStart - 5h, kPace), 3);
}

}  // namespace
}  // namespace weir::pacing
