#include "daemon/sources/row_version.h"

#include <gtest/gtest.h>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

std::string minus(const std::string& text, Milliseconds time) {
  return RowVersion::parse(text).value().minus(time);
}

bool is_later(const std::string& one, const std::string& other) {
  return RowVersion::parse(one).value().is_later_than(RowVersion::parse(other).value());
}

TEST(RowVersion, OfAMomentKeepsItsForm) {
  EXPECT_EQ(minus("2026-11-30 08:15:00.250000+01", 10min), "2026-11-30 08:05:00.250000+01");
  EXPECT_EQ(minus("2026-11-30T00:05:00Z", 10min), "2026-11-29T23:55:00Z");
  EXPECT_EQ(minus("2026-03-01 00:00:00", 1ms), "2026-02-28 23:59:59.999");
  EXPECT_EQ(minus("2024-03-01 00:00:00.5", 600ms), "2024-02-29 23:59:59.9");
  EXPECT_EQ(minus("2026-11-30 08:15:00 +05:30", 15min), "2026-11-30 08:00:00 +05:30");
  EXPECT_EQ(minus("2026-11-30", 10min), "2026-11-29 23:50:00");
  EXPECT_EQ(minus("2026-11-30 08:15", 5min), "2026-11-30 08:10:00");
  EXPECT_EQ(minus("2026-11-30 08:15:00.123456789", 0ms), "2026-11-30 08:15:00.123456789");
}

TEST(RowVersion, OfANumberIsInTheUnitThatItsSizeTells) {
  EXPECT_EQ(minus("1764490500", 10min), "1764489900");
  EXPECT_EQ(minus("1764490500123", 10min), "1764489900123");
  EXPECT_EQ(minus("1764490500123456", 1s), "1764490499123456");
  EXPECT_EQ(minus("1764490500123456789", 1s), "1764490499123456789");
  EXPECT_EQ(minus("5000", 10min), "4400");
  EXPECT_EQ(minus("100", 10min), "-500");
  EXPECT_EQ(minus("1764490500.5", 1s), "1764490499.500000000");
}

TEST(RowVersion, AreComparedAsMomentsWhateverTheirZone) {
  EXPECT_TRUE(is_later("2026-11-30 08:00:00+00", "2026-11-30 08:30:00+01"));
  EXPECT_FALSE(is_later("2026-11-30 08:30:00+01", "2026-11-30 08:00:00+00"));
  EXPECT_FALSE(is_later("2026-11-30 08:00:00+00", "2026-11-30T09:00:00+01:00"));
  EXPECT_TRUE(is_later("2026-11-30 08:00:00.000001", "2026-11-30 08:00:00"));
  EXPECT_TRUE(is_later("2026-11-30 08:00:00.1", "2026-11-30 08:00:00.0999"));
}

TEST(RowVersion, AreComparedAsNumbersAndNotAsTexts) {
  EXPECT_TRUE(is_later("10", "9"));
  EXPECT_TRUE(is_later("9223372036854775807", "9223372036854775806"));
  EXPECT_TRUE(is_later("-1", "-2"));
  EXPECT_FALSE(is_later("2026-11-30", "9"));
}

TEST(RowVersion, IsNothingElse) {
  for (const char* text : {"", "abc", "2026-13-01", "2026-02-30", "2026-11-30 8:00", "infinity",
                           "2026-11-30 08:15:00 CET", "1.2.3", "-", "0x10", "2026-11-30 25:00:00",
                           "0000-00-00 00:00:00", "12026-01-01"})
    EXPECT_FALSE(RowVersion::parse(text)) << text;
}

struct Later {
  const char* version;
  bool is_after;            // of noon
  bool is_certainly_after;  // whatever its zone
};

class LaterVersions : public ::testing::TestWithParam<Later> {};

TEST_P(LaterVersions, AreKnownByTheirZone) {
  const TimePoint noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} +
                       std::chrono::hours{12}};
  const RowVersion version = RowVersion::parse(GetParam().version).value();
  EXPECT_EQ(version.is_after(noon), GetParam().is_after) << GetParam().version;
  EXPECT_EQ(version.is_certainly_after(noon), GetParam().is_certainly_after) << GetParam().version;
}

// 2026-11-30 12:00 is 1796040000 seconds after 1970.
INSTANTIATE_TEST_SUITE_P(
    All, LaterVersions,
    ::testing::Values(
        Later{"2026-11-30 12:00:00Z", false, false}, Later{"2026-11-30 12:00:30Z", true, false},
        Later{"2026-11-30 12:00:00.5Z", true, false}, Later{"2026-11-30 12:02:00Z", true, true},
        Later{"2026-11-30 22:00:00+00", true, true}, Later{"2026-11-30 13:00:00+01", false, false},
        Later{"2026-11-30 13:10:00+01", true, true}, Later{"2026-11-30 04:10:00-08", true, true},
        Later{"2026-11-30 12:02:00", true, false}, Later{"2026-12-01 01:59:00", true, false},
        Later{"2026-12-01 02:02:00", true, true}, Later{"2026-11-30", false, false},
        Later{"9999-12-31", true, true}, Later{"1796040000", false, false},
        Later{"1796040030", true, false}, Later{"1796076000", true, true},
        Later{"1796076000.5", true, true}, Later{"1796076000000", true, true},
        Later{"1796076000000000", true, true}, Later{"1796076000000000000", true, true},
        Later{"1796039999999", false, false}, Later{"42", false, false},
        Later{"99999999999", false, false}));

}  // namespace
}  // namespace weir::daemon
