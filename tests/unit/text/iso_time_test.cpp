#include "text/iso_time.h"

#include <gtest/gtest.h>

namespace weir::text {
namespace {

TEST(IsoTime, IsReadInSeveralKinds) {
  const TimePoint time{Milliseconds{1707120000120}};
  for (const std::string text :
       {"2024-02-05T08:00:00.12Z", "2024-02-05T08:00:00.1200000Z", "2024-02-05T10:00:00.12+02:00",
        "2024-02-05T00:00:00.120-0800", "2024-02-05T08:00:00.12"})
    EXPECT_EQ(parse_time(text), time) << text;
  for (const std::string bad : {"", "2024-02-30T08:00:00Z", "2024-02-05", "2024-02-05T25:00:00Z",
                                "2024-02-05T08:00:00Zx", "-024-02-05T08:00:00Z"})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(IsoTime, IsWrittenInWholeSecondsOfUtc) {
  EXPECT_EQ(format_time(TimePoint{Milliseconds{1707120000120}}), "2024-02-05T08:00:00Z");
}

TEST(IsoTime, HasAYearOfFourDigitsWhateverTheMoment) {
  EXPECT_EQ(format_time(TimePoint::max()), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_time(TimePoint::min()), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_time(parse_time("9999-12-31T23:59:59Z").value() + Milliseconds{1000}),
            "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace weir::text
