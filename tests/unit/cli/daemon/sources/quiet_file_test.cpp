#include "daemon/sources/quiet_file.h"

#include <gtest/gtest.h>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kSettle = 2s;
const TimePoint kNow{std::chrono::hours{1000}};

FoundFile file(const std::string& version, TimePoint written_at = kNow) {
  return {.version = version, .written_at = written_at, .is_there = true};
}

TEST(QuietFile, ThatIsOldAtTheFirstLookIsReadAtOnce) {
  QuietFile quiet;
  quiet.note(file("1", kNow - 2s), {}, kNow, kSettle);
  EXPECT_LE(quiet.readable_at(kNow, kSettle), kNow);
}

TEST(QuietFile, ThatWasWrittenRightBeforeTheFirstLookMustSettle) {
  QuietFile quiet;
  quiet.note(file("1", kNow - 1s), {}, kNow, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow, kSettle), kNow + 2s);
}

TEST(QuietFile, ThatWasRenamedIntoItsPlaceIsReadAtOnce) {
  QuietFile quiet;
  quiet.note(file("1"), FolderEvents::Told{.was_moved_in = true}, kNow, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow, kSettle), kNow);
}

TEST(QuietFile, ThatIsWrittenAfterTheRenameMustSettle) {
  QuietFile quiet;
  quiet.note(file("1"), FolderEvents::Told{.was_moved_in = true}, kNow, kSettle);
  quiet.note(file("2"), FolderEvents::Told{}, kNow + 1s, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow + 1s, kSettle), kNow + 3s);
}

TEST(QuietFile, ThatChangesAgainBeginsToSettleAgain) {
  QuietFile quiet;
  quiet.note(file("1", kNow - 1h), {}, kNow, kSettle);
  quiet.note(file("2"), {}, kNow + 5s, kSettle);
  quiet.note(file("3"), {}, kNow + 6s, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow + 6s, kSettle), kNow + 8s);
  quiet.note(file("3"), {}, kNow + 7s, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow + 7s, kSettle), kNow + 8s);
}

TEST(QuietFile, ThatSomebodyHoldsOpenForWritingIsWaitedForAMinute) {
  QuietFile quiet;
  quiet.note(file("1"), FolderEvents::Told{.is_being_written = true}, kNow, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow, kSettle), kNow + 60s);
  quiet.note(file("1"), FolderEvents::Told{}, kNow + 30s, kSettle);
  EXPECT_LE(quiet.readable_at(kNow + 30s, kSettle), kNow + 30s);
}

TEST(QuietFile, SettlesAlsoWhenTheClockWasSetBack) {
  QuietFile quiet;
  quiet.note(file("1", kNow - 1h), {}, kNow, kSettle);
  quiet.note(file("2"), {}, kNow, kSettle);
  quiet.note(file("2"), {}, kNow - 1h, kSettle);
  EXPECT_EQ(quiet.readable_at(kNow - 1h, kSettle), kNow - 1h + 2s);
}

}  // namespace
}  // namespace weir::daemon
