// Sources that decide by themselves what a user sees.
#include <gmock/gmock.h>

#include "service_fixture.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Rows;
using testing::RowsOfUser;
using testing::SyncDevice;
using testing::SyncServiceTest;

class SourceDecidesTest : public SyncServiceTest {
 protected:
  void SetUp() override {
    rows_->of_user["ann@x.org"] = rows_->of_user["ben@x.org"] = {{"1", "pole"}, {"2", "wire"}};
    open({source()});
  }
  SyncSource source() const {
    return {.id = "CREWS", .rows = rows_, .rule = UserRule::source_decides()};
  }

  std::shared_ptr<RowsOfUser> rows_ = std::make_shared<RowsOfUser>();
  SyncDevice ben_{"ben@x.org", "CREWS"};
};
WEIR_FOR_EVERY_STORE(SourceDecidesTest);

TEST_P(SourceDecidesTest, TellsEachUserWhatTheSourceHandsOver) {
  ann_.sync(*service_);
  rows_->of_user["ann@x.org"] = {{"1", "pole!"}};
  rows_->changed();
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_FALSE(answer.sources.at(0).rows);
  EXPECT_EQ(ann_.rows(), (Rows{{"1", {"1", "pole!"}}}));
}

TEST_P(SourceDecidesTest, NeverShowsAUserTheRowsOfAnotherWithWhomItSharedAView) {
  ann_.sync(*service_);
  ben_.sync(*service_);
  rows_->of_user["ann@x.org"] = {{"1", "pole"}, {"2", "wire"}, {"3", "ann's own"}};
  rows_->changed();
  ann_.sync(*service_);
  EXPECT_THAT(ben_.sync(*service_).sources, IsEmpty());
  EXPECT_EQ(ben_.rows().size(), 2U);
  rows_->of_user["ben@x.org"] = rows_->of_user["ann@x.org"];
  rows_->changed();
  EXPECT_EQ(ben_.sync(*service_).sources.at(0).new_rows.size(), 1U);
}

TEST_P(SourceDecidesTest, AsksTheSourceForAUserWhoseViewAnotherHasMovedOn) {
  rows_->tells_version = false;
  ann_.sync(*service_);
  ben_.sync(*service_);
  clock_->advance(2s);
  ben_.sync(*service_);
  rows_->of_user["ann@x.org"] = {{"9", "secret"}};
  ann_.sync(*service_);
  clock_->advance(900ms);
  ann_.sync(*service_);
  ben_.sync(*service_);
  EXPECT_FALSE(ben_.rows().contains("9"));
}

TEST_P(SourceDecidesTest, KeepsViewsOverARestart) {
  ann_.sync(*service_);
  ben_.sync(*service_);
  open({source()});
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
  rows_->of_user["ben@x.org"] = {};
  open({source()});
  EXPECT_THAT(ben_.sync(*service_).sources.at(0).deleted_keys, ElementsAre("1", "2"));
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
}

}  // namespace
}  // namespace weir
