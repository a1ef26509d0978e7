#include "daemon/sources/timetable.h"

#include <gtest/gtest.h>

#include "text/iso_time.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

TimePoint at(const std::string& text) { return text::parse_time(text).value(); }

Timetable daily(std::vector<std::chrono::minutes> times, const std::string& zone) {
  return Timetable::open({.at = std::move(times)}, zone).value();
}

std::optional<TimePoint> next(const Timetable& timetable, const std::string& now) {
  return timetable.next(at(now), at(now));
}

TEST(Timetable, WithoutTimesNeverComesByItself) {
  EXPECT_FALSE(next(Timetable::open({}, "UTC").value(), "2026-11-29T10:00:00Z"));
}

TEST(Timetable, BeatsFromWhenTheLastOneBegan) {
  const Timetable every = Timetable::open({.every = 60s}, "UTC").value();
  const TimePoint begun = at("2026-11-29T10:00:00Z");
  EXPECT_EQ(every.next(begun, begun + 5s), begun + 60s);
}

TEST(Timetable, DoesNotMakeUpForWhatWasMissed) {
  const Timetable every = Timetable::open({.every = 60s}, "UTC").value();
  const TimePoint begun = at("2026-11-29T10:00:00Z");
  EXPECT_EQ(every.next(begun, begun + 150s), begun + 180s);
  EXPECT_EQ(every.next(begun, begun + 180s), begun + 240s);
}

TEST(Timetable, BeatsAnewAfterAClockThatWasSetBack) {
  const Timetable every = Timetable::open({.every = 60s}, "UTC").value();
  const TimePoint begun = at("2026-11-29T10:00:00Z");
  EXPECT_EQ(every.next(begun, begun - 1h), begun - 1h + 60s);
}

TEST(Timetable, TimesOfDayAreThoseOfTheZone) {
  const Timetable times = daily({6h, 12h}, "America/Los_Angeles");
  EXPECT_EQ(next(times, "2026-11-29T10:00:00Z"), at("2026-11-29T14:00:00Z"));
  EXPECT_EQ(next(times, "2026-11-29T14:00:00Z"), at("2026-11-29T20:00:00Z"));
  EXPECT_EQ(next(times, "2026-11-29T20:00:00Z"), at("2026-11-30T14:00:00Z"));
}

TEST(Timetable, ATimeThatIsSkippedComesAtTheNextInstant) {
  // On 2026-03-08, 02:00 to 03:00 does not exist there.
  const Timetable times = daily({2h + 30min}, "America/Los_Angeles");
  EXPECT_EQ(next(times, "2026-03-08T08:00:00Z"), at("2026-03-08T10:00:00Z"));
  EXPECT_EQ(next(times, "2026-03-08T10:00:00Z"), at("2026-03-09T09:30:00Z"));
}

TEST(Timetable, ATimeThatComesTwiceCountsOnce) {
  // On 2026-11-01, 01:00 to 02:00 comes twice there.
  const Timetable times = daily({1h + 30min}, "America/Los_Angeles");
  EXPECT_EQ(next(times, "2026-11-01T07:00:00Z"), at("2026-11-01T08:30:00Z"));
  EXPECT_EQ(next(times, "2026-11-01T08:30:00Z"), at("2026-11-02T09:30:00Z"));
}

TEST(Timetable, ADayThatIsLeftOutHasItsTimeAtTheNextInstant) {
  // Samoa went from 2011-12-29 to 2011-12-31.
  const Timetable times = daily({12h}, "Pacific/Apia");
  EXPECT_EQ(next(times, "2011-12-29T23:00:00Z"), at("2011-12-30T10:00:00Z"));
  EXPECT_EQ(next(times, "2011-12-30T10:00:00Z"), at("2011-12-30T22:00:00Z"));
}

TEST(Timetable, ABeatAndTimesOfDayGoTogether) {
  const Timetable both = Timetable::open({.every = 1h, .at = {10h + 10min}}, "UTC").value();
  EXPECT_EQ(next(both, "2026-11-29T10:00:00Z"), at("2026-11-29T10:10:00Z"));
  EXPECT_EQ(next(both, "2026-11-29T10:10:00Z"), at("2026-11-29T11:10:00Z"));
}

TEST(Timetable, AZoneThatIsNotKnownIsNamed) {
  const Result<Timetable> wrong = Timetable::open({.at = {1h}}, "Mars/Olympus");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(wrong.error().message.find("Mars/Olympus"), std::string::npos);
}

}  // namespace
}  // namespace weir::daemon
