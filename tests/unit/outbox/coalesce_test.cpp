#include "outbox/coalesce.h"

#include <gtest/gtest.h>

#include "unit/outbox/test_key.h"

namespace weir::outbox {
namespace {

const std::vector<std::string> kColumns = {"id", "city", "status"};
const Row kOld = {"1", "Dinuba", "waiting"};
const Row kNew = {"1", "Dinuba", "on its way"};
const MirrorRow kAbsent{.presence = Presence::kAbsent};
const MirrorRow kUnknown{.presence = Presence::kUnknown};
const MirrorRow kHasOld{.presence = Presence::kPresent, .hash = kTestKey.of(kOld)};
const PendingChange kWaitingNew{.kind = ChangeKind::kUpsert, .cells = kNew};
const PendingChange kWaitingErase{.kind = ChangeKind::kErase};

std::optional<PendingChange> left(const std::optional<PendingChange>& waiting,
                                  const MirrorRow& mirror, const Change& change) {
  return coalesce(waiting, mirror, change, kColumns, kTestKey).value();
}

TEST(Coalesce, KeepsTheLatestRow) {
  EXPECT_EQ(left(PendingChange{.kind = ChangeKind::kUpsert, .cells = kOld}, kAbsent, Upsert{kNew}),
            kWaitingNew);
  EXPECT_EQ(left(kWaitingErase, kHasOld, Upsert{kNew}), kWaitingNew);
}

TEST(Coalesce, LeavesNothingWhenTheRowIsWhatThePlatformHas) {
  EXPECT_EQ(left(std::nullopt, kHasOld, Upsert{kOld}), std::nullopt);
  EXPECT_EQ(left(kWaitingNew, kHasOld, Upsert{kOld}), std::nullopt);
  EXPECT_EQ(left(kWaitingErase, kHasOld, Upsert{kOld}), std::nullopt);
}

TEST(Coalesce, CancelsAnInsertByItsDelete) {
  EXPECT_EQ(left(kWaitingNew, kAbsent, Erase{"1"}), std::nullopt);
}

TEST(Coalesce, DeletesARowThatThePlatformHasOrMayHave) {
  EXPECT_EQ(left(kWaitingNew, kHasOld, Erase{"1"}), kWaitingErase);
  EXPECT_EQ(left(kWaitingNew, kUnknown, Erase{"1"}), kWaitingErase);
}

TEST(Coalesce, NeverDeletesARowThatThePlatformDoesNotHave) {
  EXPECT_EQ(left(std::nullopt, kAbsent, Erase{"1"}), std::nullopt);
}

TEST(Coalesce, ChangesCellsInTheRowThatWaits) {
  const PendingChange waiting{.kind = ChangeKind::kUpsert, .cells = kOld};
  EXPECT_EQ(left(waiting, kAbsent, SetCells{"1", {{"status", "on its way"}}}), kWaitingNew);
}

TEST(Coalesce, LeavesNothingWhenChangedCellsBringTheRowBack) {
  EXPECT_EQ(left(kWaitingNew, kHasOld, SetCells{"1", {{"status", "waiting"}}}), std::nullopt);
}

TEST(Coalesce, MergesCellUpdatesAndLetsTheLaterOneWin) {
  const auto first = left(std::nullopt, kHasOld, SetCells{"1", {{"status", "a"}}});
  const auto both = left(first, kHasOld, SetCells{"1", {{"status", "b"}, {"city", "Visalia"}}});
  EXPECT_EQ(both, (PendingChange{.kind = ChangeKind::kSetCells,
                                 .cells = {"status", "b", "city", "Visalia"}}));
}

TEST(Coalesce, MistakesNoValueForAColumnName) {
  const auto first = left(std::nullopt, kHasOld, SetCells{"1", {{"city", "status"}}});
  const auto both = left(first, kHasOld, SetCells{"1", {{"status", "b"}}});
  EXPECT_EQ(both, (PendingChange{.kind = ChangeKind::kSetCells,
                                 .cells = {"city", "status", "status", "b"}}));
}

TEST(Coalesce, RefusesToChangeCellsOfARowThatIsNotThere) {
  EXPECT_FALSE(coalesce(std::nullopt, kAbsent, SetCells{"1", {{"city", "x"}}}, kColumns, kTestKey));
  EXPECT_FALSE(
      coalesce(kWaitingErase, kHasOld, SetCells{"1", {{"city", "x"}}}, kColumns, kTestKey));
}

TEST(Coalesce, RefusesAColumnThatTheWaitingRowDoesNotHave) {
  const auto outcome =
      coalesce(kWaitingNew, kAbsent, SetCells{"1", {{"crew", "x"}}}, kColumns, kTestKey);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("no column 'crew'"), std::string::npos);
}

TEST(Coalesce, AsksForTheColumnsWhenItNeedsThem) {
  const auto outcome = coalesce(kWaitingNew, kAbsent, SetCells{"1", {{"city", "x"}}}, {}, kTestKey);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("describe()"), std::string::npos);
}

}  // namespace
}  // namespace weir::outbox
