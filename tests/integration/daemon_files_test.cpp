// A watched file: when it is read, what a bad one does, and what is held.
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "daemon_source_fixture.h"

namespace weir::daemon {
namespace {

TEST_F(DaemonFilesTest, IsPublishedAtTheStart) {
  publish(3);
  EXPECT_EQ(kept_, 1);
  EXPECT_TRUE(status().last_success_at);
}

TEST_F(DaemonFilesTest, ARenameIsReadAtOnce) {
  publish(3);
  replace("outages.csv", csv_of(3, "other"));
  wait_until_woken();
  turn();
  EXPECT_EQ(waiting(), 3);
}

TEST_F(DaemonFilesTest, AWriteInPlaceIsReadWhenItWasQuiet) {
  publish(3);
  folder_.write("outages.csv", csv_of(4));
  wait_for_events();
  const std::optional<TimePoint> next = turn();
  EXPECT_EQ(waiting(), 0);
  ASSERT_TRUE(next);
  EXPECT_LE(*next, clock_->now() + 2s);
  clock_->advance(2s);
  turn();
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonFilesTest, APartOfASlowWriteIsNeverPublished) {
  publish(3);
  const std::string text = csv_of(40);
  const int file = ::open(folder_.file("outages.csv").c_str(), O_WRONLY | O_TRUNC);
  for (const char c : text) {
    ASSERT_EQ(::write(file, &c, 1), 1);
    wait_for_events();
    turn();
    clock_->advance(3s);
    turn();
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(status().state, TaskState::kWell);
  }
  ::close(file);
  wait_for_events();
  turn();
  clock_->advance(2s);
  turn();
  EXPECT_EQ(waiting(), 37);
}

TEST_F(DaemonFilesTest, IsNotReadAgainWhenNothingHasChanged) {
  publish(3);
  const std::optional<TimePoint> next = turn();
  EXPECT_EQ(next, clock_->now() + 60s);
  EXPECT_EQ(kept_, 1);
}

TEST_F(DaemonFilesTest, AFileThatVanishedChangesNothingAndIsTold) {
  publish(3);
  std::filesystem::remove(folder_.file("outages.csv"));
  wait_until_woken();
  turn();
  clock_->advance(2s);
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("cannot be opened"));
  EXPECT_EQ(waiting(), 0);
  replace("outages.csv", csv_of(3));
  wait_until_woken();
  turn();
  EXPECT_EQ(status().state, TaskState::kWell);
  EXPECT_TRUE(status().error.empty());
}

TEST_F(DaemonFilesTest, AFileOutOfReachChangesNothingAndIsTold) {
  publish(3);
  // A link that leads to itself cannot be opened by root either.
  std::filesystem::remove(folder_.file("outages.csv"));
  std::filesystem::create_symlink("outages.csv", folder_.file("outages.csv"));
  wait_until_woken();
  turn();
  clock_->advance(2s);
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("cannot be opened"));
  EXPECT_EQ(waiting(), 0);
}

TEST_F(DaemonFilesTest, ABadFileChangesNothingAndIsToldOnce) {
  publish(3);
  for (const std::string bad : {"id,label\n1,a\n2\n", "id,label\n1,a\n1,b\n", "id\n1\n",
                                "id,label\n1,\xFF\n", "id,label\n1,\"a\n", "other,label\n1,a\n"}) {
    lines_.clear();
    replace("outages.csv", bad);
    settle();
    EXPECT_EQ(status().state, TaskState::kFailing) << bad;
    EXPECT_FALSE(status().what_to_do.empty());
    EXPECT_EQ(waiting(), 0) << bad;
    settle();
    settle();
    EXPECT_EQ(lines_.size(), 1U) << bad << ::testing::PrintToString(lines_);
    // A mended one counts at once.
    replace("outages.csv", csv_of(3));
    settle();
    EXPECT_EQ(status().state, TaskState::kWell) << bad;
  }
}

TEST_F(DaemonFilesTest, OneThatIsNeverQuietIsWarnedOfUntilItIsRead) {
  folder_.write("outages.csv", csv_of(1));
  make(csv());
  settle();
  EXPECT_EQ(waiting(), 1);
  for (int i = 2; i <= 130; ++i) {
    folder_.write("outages.csv", csv_of(i));
    wait_for_events();
    turn();
    clock_->advance(1s);
    if (i < 110) ASSERT_EQ(status().warning, "") << i;
  }
  EXPECT_THAT(status().warning, HasSubstr("again and again"));
  EXPECT_EQ(lines_.size(), 1U) << "it is told once" << ::testing::PrintToString(lines_);
  settle();
  EXPECT_EQ(status().warning, "");
  EXPECT_EQ(waiting(), 130);
}

TEST_F(DaemonFilesTest, AFolderIsReplacedAndItsFileIsSeen) {
  std::filesystem::create_directory(folder_.file("drop"));
  folder_.write("drop/outages.csv", csv_of(2));
  SourceConfig config = csv();
  config.origin = FileOrigin{.path = folder_.file("drop/outages.csv")};
  make(config);
  settle();
  EXPECT_EQ(waiting(), 2);
  std::filesystem::rename(folder_.file("drop"), folder_.file("old"));
  settle();
  EXPECT_EQ(status().state, TaskState::kFailing);
  std::filesystem::create_directory(folder_.file("drop"));
  folder_.write("drop/outages.csv", csv_of(5));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell);
  EXPECT_EQ(waiting(), 5);
}

TEST_F(DaemonFilesTest, APipeIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo(folder_.file("outages.csv").c_str(), 0600), 0);
  make(csv());
  settle();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("no regular file"));
}

TEST_F(DaemonFilesTest, NdjsonIsReadAsWell) {
  folder_.write("outages.ndjson", "{\"id\":1,\"label\":\"a\"}\n{\"id\":2,\"label\":null}\n");
  SourceConfig config = csv();
  config.origin = FileOrigin{.path = folder_.file("outages.ndjson"), .kind = FileKind::kNdjson};
  make(config);
  settle();
  send();
  EXPECT_THAT(rows(), UnorderedElementsAre(Row{"1", "a"}, Row{"2", ""}));
}

TEST_F(DaemonFilesTest, ADataSourceThatIsNewToTheStoreIsHeldUntilSomebodySaysHow) {
  fill_platform({{"7", "of the platform"}, {"1", "label"}});
  replace("outages.csv", csv_of(2));
  make(csv({}));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_THAT(status().what_to_do, HasSubstr("--first adopt"));
  EXPECT_EQ(made_.task->release({}).error().code, ErrorCode::kInvalidArgument);
  send();
  EXPECT_EQ(rows().size(), 2U);
  ASSERT_TRUE(made_.task->release(FirstPublish::kAdopt));
  turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(waiting(), 2);
  send();
  EXPECT_THAT(rows(), UnorderedElementsAre(Row{"1", "label"}, Row{"2", "label"}));
}

// What it deletes is known only then.
TEST_F(DaemonFilesTest, AFirstTableThatIsToAdoptMeetsTheGuardOfDeletes) {
  std::vector<Row> theirs;
  for (int i = 1; i <= 40; ++i) theirs.push_back({std::to_string(i), "label"});
  fill_platform(theirs);
  replace("outages.csv", csv_of(3));
  make(csv({}));
  settle();
  Result<Releasing> adopting = made_.task->release(FirstPublish::kAdopt);
  ASSERT_TRUE(adopting);
  turn();
  EXPECT_TRUE(adopting->get().value().is_held);
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 37);
  EXPECT_EQ(waiting(), 0);
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(waiting(), 37);
}

TEST_F(DaemonFilesTest, AKeyThatIsRefusedWhileAdoptingIsNotTriedAllTheTime) {
  ClientOptions options = client_options();
  options.integration_key = Secret::from_string("another", "the test");
  client_.emplace(std::move(*Client::open(std::move(options))));
  replace("outages.csv", csv_of(2));
  make(csv(FirstPublish::kAdopt));
  settle();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_EQ(status().next_at, clock_->now() + 10min);
  EXPECT_EQ(status().failures, 1);
}

TEST_F(DaemonFilesTest, WhatWasSaidOfTheFirstTableIsKnownToTheNextDaemon) {
  replace("outages.csv", csv_of(2));
  make(csv({}));
  settle();
  ASSERT_TRUE(made_.task->release(FirstPublish::kReplace));
  turn();
  made_ = {};
  open();
  make(csv({}));
  replace("outages.csv", csv_of(3));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
}

TEST_F(DaemonFilesTest, OneOfSeveralProcessesReadsIt) {
  replace("outages.csv", csv_of(2));
  make(csv());
  Result<Client> other = Client::open(client_options());
  ASSERT_TRUE(other);
  std::optional<Claim> claim = std::move(*other->claim("read OUTAGES"));
  ASSERT_TRUE(claim);
  EXPECT_EQ(turn(), clock_->now() + 10s);
  EXPECT_EQ(waiting(), 0);
  claim.reset();
  settle();
  EXPECT_EQ(waiting(), 2);
}

TEST_F(DaemonFilesTest, AStopEndsTheTurn) {
  replace("outages.csv", csv_of(2));
  make(csv());
  std::stop_source stop;
  stop.request_stop();
  made_.task->run(stop.get_token());
  EXPECT_EQ(waiting(), 0);
}

TEST_F(DaemonFilesTest, ADryReadingTellsWhatWouldGoAndChangesNothing) {
  publish(40);
  replace("outages.csv", csv_of(41, "other"));
  SourceConfig config = csv();
  config.deliver = Deliver::kBoth;
  make(config, Delivering::kDry);
  settle();
  EXPECT_EQ(made_.task->last()->upserted, 41);
  EXPECT_EQ(waiting(), 0);
  EXPECT_FALSE(made_.served->columns());
  replace("outages.csv", csv_of(1));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(kept_, 1);
}

TEST_F(DaemonFilesTest, WhatIsServedIsTheTableThatNoGuardHolds) {
  SourceConfig config = csv();
  config.deliver = Deliver::kSync;
  replace("outages.csv", csv_of(30));
  make(config);
  EXPECT_FALSE(made_.served->columns());
  settle();
  const auto count = [&] {
    int found = 0;
    EXPECT_TRUE(made_.served->read({}, [&](const Row&) -> Result<void> {
      ++found;
      return {};
    }));
    return found;
  };
  EXPECT_EQ(count(), 30);
  EXPECT_EQ(waiting(), 0);
  replace("outages.csv", csv_of(3));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 27);
  EXPECT_EQ(count(), 30);
  // The next process serves at once what this one has served, and holds the same.
  make(config);
  EXPECT_EQ(count(), 30);
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(count(), 3);
}

TEST_F(DaemonFilesTest, BothArePushedAndServed) {
  SourceConfig config = csv();
  config.deliver = Deliver::kBoth;
  replace("outages.csv", csv_of(2));
  make(config);
  settle();
  EXPECT_EQ(waiting(), 2);
  EXPECT_EQ(made_.served->columns().value(), (std::vector<std::string>{"id", "label"}));
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
}

}  // namespace
}  // namespace weir::daemon
