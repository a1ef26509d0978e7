#include "daemon/notify/notify_task.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <weir/testing/manual_clock.h>

#include <filesystem>
#include <fstream>

#include "../seeing/made_status.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

struct FakeMessenger final : Messenger {
  Result<void> tell(const Notification& message, std::stop_token /*stop*/) override {
    tried.push_back(message.id);
    if (fails) return Error{.code = ErrorCode::kUnavailable, .message = "no answer"};
    arrived.push_back(message.id);
    return {};
  }

  bool fails = false;
  std::vector<std::string> tried = {};
  std::vector<std::string> arrived = {};
};

class NotifyTaskTest : public ::testing::Test {
 protected:
  std::unique_ptr<NotifyTask> start() {
    auto task = std::make_unique<NotifyTask>(NotifyTask::Parts{
        .state_directory = folder_.file("state"), .clock = clock_, .log = {}, .status = [this] {
          Status status = made_status();
          status.now = clock_->now();
          if (is_spent_) status.orgs[0].usage.left = 0;
          return status;
        }});
    task->set({}, messenger_);
    return task;
  }

  void SetUp() override { std::filesystem::create_directory(folder_.file("state")); }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(made_status().now);
  std::shared_ptr<FakeMessenger> messenger_ = std::make_shared<FakeMessenger>();
  bool is_spent_ = false;
};

TEST_F(NotifyTaskTest, TellsEachOnceOverTwentyRestarts) {
  for (int i = 0; i < 20; ++i) {
    is_spent_ = i >= 3 && i < 15;
    const auto task = start();
    for (int turn = 0; turn < 3; ++turn) EXPECT_TRUE(task->run({}));
    clock_->advance(1min);
  }
  ASSERT_EQ(messenger_->arrived.size(), 2U);
  EXPECT_TRUE(messenger_->arrived[0].starts_with("weir.day_spent.")) << messenger_->arrived[0];
  EXPECT_TRUE(messenger_->arrived[0].ends_with(".begin"));
  EXPECT_TRUE(messenger_->arrived[1].ends_with(".end"));
}

TEST_F(NotifyTaskTest, TriesAgainAndShowsItOnThePage) {
  messenger_->fails = true;
  is_spent_ = true;
  auto task = start();
  task->run({});
  ASSERT_TRUE(task->trouble());
  EXPECT_NE(task->trouble()->text.find("no answer"), std::string::npos);
  task->run({});
  EXPECT_EQ(messenger_->tried.size(), 1U) << "not before its time";
  task = start();
  clock_->advance(10s);
  messenger_->fails = false;
  task->run({});
  EXPECT_EQ(messenger_->arrived.size(), 1U);
  EXPECT_EQ(messenger_->tried[0], messenger_->tried[1]);
  EXPECT_EQ(task->trouble(), std::nullopt);
}

TEST_F(NotifyTaskTest, SendsNothingThatItCannotRemember) {
  std::filesystem::remove(folder_.file("state"));
  is_spent_ = true;
  const auto task = start();
  task->run({});
  EXPECT_TRUE(messenger_->tried.empty());
  ASSERT_TRUE(task->trouble());
  EXPECT_TRUE(task->trouble()->is_error);
  std::filesystem::create_directory(folder_.file("state"));
  task->run({});
  EXPECT_EQ(messenger_->arrived.size(), 1U);
  EXPECT_EQ(task->trouble(), std::nullopt);
}

TEST_F(NotifyTaskTest, BeginsAnewWithAFileThatIsDamaged) {
  std::ofstream(folder_.file("state") + "/notify.json") << "{\"events\":";
  is_spent_ = true;
  start()->run({});
  EXPECT_EQ(messenger_->arrived.size(), 1U);
}

TEST_F(NotifyTaskTest, SaysThatAFolderOrAPipeIsInThePlaceOfItsFileAndGoesOn) {
  const std::string path = folder_.file("state") + "/notify.json";
  is_spent_ = true;
  for (const bool is_pipe : {false, true}) {
    ASSERT_EQ(is_pipe ? ::mkfifo(path.c_str(), 0600) : ::mkdir(path.c_str(), 0700), 0);
    const auto task = start();
    EXPECT_TRUE(task->run({})) << "it is tried again";
    EXPECT_TRUE(messenger_->tried.empty()) << "what cannot be remembered is not sent";
    ASSERT_TRUE(task->trouble());
    EXPECT_NE(task->trouble()->text.find(path), std::string::npos) << task->trouble()->text;
    std::filesystem::remove(path);
  }
  start()->run({});
  EXPECT_EQ(messenger_->arrived.size(), 1U);
}

TEST_F(NotifyTaskTest, KeepsItsFileForItsOwnerAlone) {
  is_spent_ = true;
  start()->run({});
  struct stat found = {};
  ASSERT_EQ(::stat((folder_.file("state") + "/notify.json").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600);
}

TEST_F(NotifyTaskTest, DoesNothingWithoutAnybodyToTell) {
  is_spent_ = true;
  const auto task = start();
  task->set({}, nullptr);
  task->run({});
  EXPECT_FALSE(std::filesystem::exists(folder_.file("state") + "/notify.json"));
  task->set({}, messenger_);
  task->run({});
  EXPECT_EQ(messenger_->arrived.size(), 1U) << "after a reload";
}

TEST_F(NotifyTaskTest, LivesOnWhereItsFileIsAFolder) {
  std::filesystem::create_directory(folder_.file("state/notify.json"));
  is_spent_ = true;
  const auto task = start();
  EXPECT_TRUE(task->run({}));
  ASSERT_TRUE(task->trouble());
  EXPECT_NE(task->trouble()->text.find("notify.json"), std::string::npos) << task->trouble()->text;
  std::filesystem::remove(folder_.file("state/notify.json"));
  EXPECT_TRUE(task->run({}));
  EXPECT_EQ(messenger_->arrived.size(), 1U) << "told once the folder is gone";
}

}  // namespace
}  // namespace weir::daemon
