#include "mock_server/virtual_clock.h"

#include <gtest/gtest.h>

#include "mock_server/org_zone.h"

namespace weir::mock {
namespace {

TEST(VirtualClock, StandsStillAtRateZero) {
  VirtualClock clock;
  clock.set_rate(0);
  clock.set(parse_instant("2024-02-05T08:00:00Z").value());
  EXPECT_EQ(format_instant(clock.now()), "2024-02-05T08:00:00.0000000Z");
  clock.advance(std::chrono::hours{-1});
  EXPECT_EQ(format_instant(clock.now()), "2024-02-05T07:00:00.0000000Z");
}

TEST(VirtualClock, ReadsTimesWithFractionAndOffset) {
  EXPECT_EQ(parse_instant("2024-02-05T08:00:00Z"), parse_instant("2024-02-05T00:00:00-08:00"));
  EXPECT_EQ(format_instant(parse_instant("2024-02-05T08:00:00.25Z").value()),
            "2024-02-05T08:00:00.2500000Z");
  for (const std::string text : {"", "yesterday", "2024-02-05", "2024-02-05T08:00:00",
                                 "2024-02-30T08:00:00Z", "2024-02-05T08:00:00Zx"}) {
    EXPECT_FALSE(parse_instant(text)) << text;
  }
}

TEST(VirtualClock, WritesADateAsHttpHasIt) {
  EXPECT_EQ(format_http_date(parse_instant("2026-11-24T08:00:00Z").value()),
            "Tue, 24 Nov 2026 08:00:00 GMT");
}

TEST(OrgZone, NamesTheLocalDay) {
  const OrgZone santiago = OrgZone::open("America/Santiago").value();
  EXPECT_EQ(santiago.day_of(parse_instant("2024-09-08T03:59:59Z").value()), "2024-09-07");
  EXPECT_EQ(santiago.day_of(parse_instant("2024-09-08T04:00:00Z").value()), "2024-09-08");
  EXPECT_FALSE(OrgZone::open("Los_Angelos"));
  EXPECT_EQ(similar_zones("Los_Angelos").substr(0, 19), "America/Los_Angeles");
}

}  // namespace
}  // namespace weir::mock
