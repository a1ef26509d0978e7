#include "output/screen.h"

#include <gtest/gtest.h>

#include "output/numbers.h"
#include "output/zone_time.h"

namespace weir::cli {
namespace {

TEST(Screen, CutsLinesByLettersAndKeepsALineFree) {
  EXPECT_EQ(cut_to("Müller", 2), "Mü");
  EXPECT_EQ(cut_to("Müller", 6), "Müller");
  EXPECT_EQ(cut_to("", 3), "");
  EXPECT_EQ(fitted("one\ntwo\nthree", {.columns = 3, .lines = 3}),
            "\033[Hone\033[K\r\ntwo\033[K\r\n\033[J");
  EXPECT_EQ(fitted("lengthy", {.columns = 4, .lines = 24}), "\033[Hleng\033[K\r\n\033[J");
  EXPECT_EQ(fitted("any", {.columns = 80, .lines = 1}), "\033[H\033[J");
}

TEST(Numbers, AreGroupedAndCounted) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(2499), "2,499");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(counted(0, "call"), "no calls");
  EXPECT_EQ(counted(1, "call"), "1 call");
  EXPECT_EQ(counted(2500, "call"), "2,500 calls");
}

TEST(ZoneTime, IsThatOfTheOrganization) {
  const TimePoint midnight{Milliseconds{1796079600000}};  // 2026-11-30T23:00:00Z
  EXPECT_EQ(zone_time(midnight, "Europe/Berlin"), "2026-12-01 00:00 CET");
  EXPECT_EQ(zone_time(midnight, ""), "2026-11-30 23:00 UTC");
  EXPECT_EQ(zone_time(midnight, "America/Los_Angeles"), "2026-11-30 15:00 PST");
}

}  // namespace
}  // namespace weir::cli
