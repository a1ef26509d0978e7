#include "budget/org_calendar.h"

#include <gtest/gtest.h>

namespace weir::budget {
namespace {

using namespace std::chrono_literals;

TimePoint utc(int year, unsigned month, unsigned day, Milliseconds time_of_day = 0ms) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return TimePoint(std::chrono::sys_days(date).time_since_epoch() + time_of_day);
}

OrgCalendar calendar(const std::string& zone) { return OrgCalendar::open(zone).value(); }

TEST(OrgCalendar, NamesTheLocalDateOfAnInstant) {
  const OrgCalendar los_angeles = calendar("America/Los_Angeles");
  EXPECT_EQ(los_angeles.day_of(utc(2024, 2, 5, 7h + 59min)), "2024-02-04");
  EXPECT_EQ(los_angeles.day_of(utc(2024, 2, 5, 8h)), "2024-02-05");
}

TEST(OrgCalendar, ResetsAtTheNextLocalMidnight) {
  const OrgCalendar los_angeles = calendar("America/Los_Angeles");
  EXPECT_EQ(los_angeles.next_reset(utc(2024, 2, 5, 8h)), utc(2024, 2, 6, 8h));
  EXPECT_EQ(los_angeles.next_reset(utc(2024, 2, 6, 7h + 59min)), utc(2024, 2, 6, 8h));
}

TEST(OrgCalendar, KnowsDaysOf23And25Hours) {
  const OrgCalendar los_angeles = calendar("America/Los_Angeles");
  EXPECT_EQ(los_angeles.next_reset(utc(2024, 3, 10, 8h)) - utc(2024, 3, 10, 8h), 23h);
  EXPECT_EQ(los_angeles.next_reset(utc(2024, 11, 3, 7h)) - utc(2024, 11, 3, 7h), 25h);
}

TEST(OrgCalendar, BeginsADayWithoutMidnightWhenTheClocksJumpOverIt) {
  // Santiago went from 23:59:59 on 2024-09-07 (UTC-4) to 01:00 on the 8th.
  const OrgCalendar santiago = calendar("America/Santiago");
  EXPECT_EQ(santiago.next_reset(utc(2024, 9, 7, 12h)), utc(2024, 9, 8, 4h));
  EXPECT_EQ(santiago.day_of(utc(2024, 9, 8, 4h)), "2024-09-08");
  EXPECT_EQ(santiago.day_of(utc(2024, 9, 8, 4h) - 1ms), "2024-09-07");
}

TEST(OrgCalendar, BeginsADayAtTheFirstOfTwoMidnights) {
  // Havana had 00:00 to 01:00 of 2024-11-03 twice.
  const OrgCalendar havana = calendar("America/Havana");
  EXPECT_EQ(havana.next_reset(utc(2024, 11, 2, 12h)), utc(2024, 11, 3, 4h));
  EXPECT_EQ(havana.next_reset(utc(2024, 11, 3, 4h)), utc(2024, 11, 4, 5h));
}

TEST(OrgCalendar, SkipsADateThatALandNeverHad) {
  // Samoa had no 2011-12-30.
  const OrgCalendar apia = calendar("Pacific/Apia");
  const TimePoint last = utc(2011, 12, 30, 9h + 30min);
  EXPECT_EQ(apia.day_of(last), "2011-12-29");
  EXPECT_EQ(apia.day_of(apia.next_reset(last)), "2011-12-31");
}

TEST(OrgCalendar, RefusesAnUnknownZoneAndSuggestsWhatWasMeant) {
  for (const std::string name : {"America/Los_Angelos", "Los Angeles", "america/los_angeles"}) {
    const Result<OrgCalendar> opened = OrgCalendar::open(name);
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(opened.error().message.find("did you mean America/Los_Angeles"), std::string::npos)
        << opened.error().message;
  }
}

TEST(OrgCalendar, NeverFollowsAPathOrAFileThatIsNoZone) {
  for (const std::string name : {"", "../../etc/passwd", "/etc/passwd", "Factory", "posixrules",
                                 "localtime", "zone.tab", "Not/AZone"}) {
    EXPECT_FALSE(OrgCalendar::open(name)) << name;
  }
}

TEST(OrgCalendar, KnowsOldNamesOfZones) {
  EXPECT_TRUE(OrgCalendar::open("UTC"));
  for (const std::string name : {"US/Pacific", "Asia/Calcutta"}) {
    const Result<OrgCalendar> opened = OrgCalendar::open(name);
    // From Debian 13 on they are in a package of their own.
    EXPECT_TRUE(opened || opened.error().message.find("tzdata-legacy") != std::string::npos)
        << name;
  }
}

}  // namespace
}  // namespace weir::budget
