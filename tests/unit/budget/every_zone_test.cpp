// Every zone of this system's database and every day of 14 years, against the C library, which
// reads the same files with other code.
#include <date/tz.h>
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>

#include "budget/org_calendar.h"
#include "budget/zone_file.h"
#include "support/process.h"

namespace weir::budget {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_days kFirst{std::chrono::year{2024} / 1 / 1};
constexpr std::chrono::sys_days kLast{std::chrono::year{2038} / 1 / 1};

std::string day_by_c_library(TimePoint instant) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
  std::tm local = {};
  ::localtime_r(&seconds, &local);
  std::array<char, 16> text = {};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &local);
  return text.data();
}

// Walks from reset to reset; each must be the very millisecond at which the local date changes.
// Returns how many there were, or 0 when one was wrong.
int resets_that_agree(const OrgCalendar& calendar) {
  int resets = 0;
  for (TimePoint at = kFirst; at < kLast; ++resets) {
    const TimePoint reset = calendar.next_reset(at);
    const std::string before = day_by_c_library(reset - 1ms);
    const bool is_right = before == day_by_c_library(at) && before != day_by_c_library(reset) &&
                          calendar.day_of(reset) == day_by_c_library(reset) &&
                          calendar.day_of(reset - 1ms) == before;
    if (!is_right) return 0;
    at = reset;
  }
  return resets;
}

TEST(EveryZone, ResetsWhenTheLocalDateChanges) {
  int zones = 0;
  std::int64_t resets = 0;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    // The machine's own, which is another on each.
    if (zone.name() == "localtime") continue;
    const Result<OrgCalendar> calendar = OrgCalendar::open(zone.name());
    ASSERT_TRUE(calendar) << calendar.error().message;
    ::setenv("TZ", (":" + zone.name()).c_str(), 1);
    ::tzset();
    const int found = resets_that_agree(*calendar);
    EXPECT_GT(found, 14 * 365) << zone.name();
    resets += found;
    ++zones;
  }
  std::printf("%d zones, %lld resets from 2024 to 2037\n", zones, static_cast<long long>(resets));
  EXPECT_GT(zones, 300);
}

TEST(EveryZone, IsReadFromAFileThatHoldsTodaysTransitions) {
  const TimePoint today = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};
  EXPECT_FALSE(ends_too_early(read_zone_file("America/Los_Angeles"), today));
  EXPECT_FALSE(ends_too_early(read_zone_file("Asia/Kolkata"), today)) << "it has no rule";
  EXPECT_TRUE(ends_too_early(read_zone_file("America/Los_Angeles"), today + 24h * 365 * 12))
      << "the files end with 2037";
}

TEST(EveryZone, IsRefusedInASlimFile) {
  const testing::TemporaryFolder folder;
  const std::string source = folder.write(
      "source",
      "Rule R 2007 max - Mar Sun>=8 2:00 1:00 D\nRule R 2007 max - Nov Sun>=1 2:00 0 S\n"
      "Zone Test/Slim -8:00 R P%sT\nZone Test/Plain 5:30 - IST\n");
  for (const std::string format : {"slim", "fat"}) {
    const testing::Finished done =
        testing::run({"/usr/sbin/zic", "-b", format, "-d", folder.file(format), source}, {});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  const auto content = [&](const std::string& name) {
    std::ifstream file(folder.file(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const TimePoint today = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};
  EXPECT_TRUE(ends_too_early(content("slim/Test/Slim"), today));
  EXPECT_FALSE(ends_too_early(content("fat/Test/Slim"), today));
  EXPECT_FALSE(ends_too_early(content("slim/Test/Plain"), today));
}

TEST(EveryZone, IsNotMistakenForWhatIsNoZoneFile) {
  EXPECT_FALSE(ends_too_early("", TimePoint{}));
  EXPECT_FALSE(ends_too_early("TZif2" + std::string(20, '\xFF'), TimePoint{}));
  EXPECT_FALSE(ends_too_early("TZif2" + std::string(200, '\xFF'), TimePoint{}));
}

}  // namespace
}  // namespace weir::budget
