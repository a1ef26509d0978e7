// A folder that files are dropped into: order, what is applied once, what is refused, snapshots.
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "daemon/sources/dropped_files.h"
#include "daemon_source_fixture.h"

namespace weir::daemon {
namespace {

using Content = DirectoryOrigin::Content;
using Done = DirectoryOrigin::Done;

class DaemonDirectoryTest : public SourceTaskTest {
 protected:
  DaemonDirectoryTest() { std::filesystem::create_directory(folder_.file("drop")); }

  SourceConfig drop(Content content = Content::kChanges, Done done = Done::kMove) {
    return {.origin = DirectoryOrigin{.path = folder_.file("drop"),
                                      .pattern = "*.csv",
                                      .content = content,
                                      .done = done,
                                      .move_to = folder_.file("done"),
                                      .failed = folder_.file("failed")},
            .columns = {{"id", "id"}, {"label", "label"}},
            .guards = {.first = FirstPublish::kReplace}};
  }

  void write(const std::string& name, const std::string& content) {
    folder_.write("part", content);
    std::filesystem::rename(folder_.file("part"), folder_.file("drop/" + name));
  }

  // All that is due now.
  void turns() {
    for (std::optional<TimePoint> next = turn(); next && *next <= clock_->now(); next = turn()) {
    }
  }
  // The same once everything was quiet.
  void settle() {
    turns();
    clock_->advance(61s);
    turns();
  }

  std::vector<std::string> names(const std::string& folder) {
    std::vector<std::string> found;
    if (!std::filesystem::exists(folder_.file(folder))) return found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.file(folder)))
      found.push_back(entry.path().filename());
    return found;
  }

  std::string text(const std::string& name) {
    std::ostringstream all;
    all << std::ifstream(folder_.file(name)).rdbuf();
    return all.str();
  }
};

TEST_F(DaemonDirectoryTest, AppliesFilesInTheOrderOfTheirNames) {
  write("b.csv", "op,id,label\nupsert,1,second\ndelete,2,\n");
  write("a.csv", "op,id,label\nupsert,1,first\nupsert,2,x\n");
  write("c.txt", "op,id,label\nupsert,1,third\n");
  write(".d.csv", "op,id,label\nupsert,1,hidden\n");
  make(drop());
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "second"}));
  EXPECT_THAT(names("done"), UnorderedElementsAre("a.csv", "b.csv"));
  EXPECT_THAT(names("drop"), UnorderedElementsAre("c.txt", ".d.csv"));
}

TEST_F(DaemonDirectoryTest, ARenamedFileIsTakenAtOnce) {
  make(drop());
  turns();
  write("a.csv", "op,id,label\nupsert,1,a\n");
  wait_until_woken();
  turns();
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonDirectoryTest, AFileThatIsBeingWrittenHoldsUpThoseBehindIt) {
  make(drop());
  turns();
  std::ofstream slow(folder_.file("drop/a.csv"));
  slow << "op,id,label\nupsert,1,a" << std::flush;
  wait_for_events("drop");
  write("b.csv", "op,id,label\nupsert,1,b\n");
  turns();
  clock_->advance(5s);
  turns();
  EXPECT_EQ(waiting(), 0);
  slow << "\n";
  slow.close();
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "b"}));
}

TEST_F(DaemonDirectoryTest, ABadFileIsRefusedWithTheReasonAndTheNextGoesOn) {
  write("a.csv", "op,id,label\nupsert,1,a\nupsert,2\n");
  write("b.csv", "op,id,label\nupsert,3,b\n");
  make(drop());
  settle();
  EXPECT_EQ(waiting(), 1);
  EXPECT_THAT(names("failed"), UnorderedElementsAre("a.csv", "a.csv.reason"));
  EXPECT_THAT(text("failed/a.csv.reason"), HasSubstr("line 3"));
  EXPECT_EQ(text("failed/a.csv"), "op,id,label\nupsert,1,a\nupsert,2\n");
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("a.csv"));
  write("c.csv", "op,id,label\nupsert,4,c\n");
  settle();
  EXPECT_EQ(status().state, TaskState::kWell);
}

TEST_F(DaemonDirectoryTest, NoFileIsWrittenOver) {
  make(drop());
  for (int i = 0; i < 3; ++i) {
    write("a.csv", "op,id,label\nupsert," + std::to_string(i) + ",a\n");
    settle();
  }
  EXPECT_EQ(waiting(), 3);
  // The later ones have the moment in their names, at which they were written.
  EXPECT_EQ(names("done").size(), 3U);
  EXPECT_THAT(names("done"), ::testing::Contains(::testing::MatchesRegex("a\\.csv\\.20.*Z.*")));
}

TEST_F(DaemonDirectoryTest, TheSameChangesInAFileOfTheSameNameAreAppliedAgain) {
  make(drop(Content::kChanges, Done::kDelete));
  const std::string same = "op,id,label\nupsert,1,a\n";
  write("a.csv", same);
  settle();
  write("a.csv", "op,id,label\nupsert,1,b\n");
  settle();
  write("a.csv", same);
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "a"}));
  EXPECT_THAT(names("drop"), IsEmpty());
}

TEST_F(DaemonDirectoryTest, WhatIsKeptInTheFolderIsAppliedOnce) {
  write("a.csv", "op,id,label\nupsert,1,a\n");
  make(drop(Content::kChanges, Done::kKeep));
  settle();
  ASSERT_TRUE(client_->data_source("OUTAGES").apply({Upsert{{"1", "newer"}}}));
  settle();
  make(drop(Content::kChanges, Done::kKeep));
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "newer"}));
  write("a.csv", "op,id,label\nupsert,1,rewritten\n");
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "rewritten"}));
}

TEST_F(DaemonDirectoryTest, AFileThatWasAppliedButNotMovedIsOnlyMovedByTheNextProcess) {
  write("a.csv", "op,id,label\nupsert,1,a\n");
  // The folder of what is done cannot be made, so the file stays.
  folder_.write("done", "in the way");
  make(drop());
  settle();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_EQ(waiting(), 1);
  ASSERT_TRUE(client_->data_source("OUTAGES").apply({Upsert{{"1", "newer"}}}));
  std::filesystem::remove(folder_.file("done"));
  make(drop());
  settle();
  send();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "newer"}));
  EXPECT_THAT(names("done"), ElementsAre("a.csv"));
}

TEST_F(DaemonDirectoryTest, OfSnapshotsTheNewestWins) {
  write("2026-11-28.csv", csv_of(5, "old"));
  write("2026-11-30.csv", csv_of(3, "new"));
  write("2026-11-29.csv", csv_of(4, "older"));
  make(drop(Content::kSnapshot));
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "new"}, Row{"2", "new"}, Row{"3", "new"}));
  EXPECT_EQ(names("done").size(), 3U);
}

TEST_F(DaemonDirectoryTest, ABadSnapshotGivesWayToTheNextNewest) {
  write("1.csv", csv_of(3, "good"));
  write("2.csv", "id,label\n1,a\n2\n");
  make(drop(Content::kSnapshot));
  settle();
  EXPECT_EQ(waiting(), 3);
  EXPECT_THAT(names("failed"), UnorderedElementsAre("2.csv", "2.csv.reason"));
}

TEST_F(DaemonDirectoryTest, ASnapshotThatDeletesTooMuchIsHeldInItsPlace) {
  write("1.csv", csv_of(40));
  make(drop(Content::kSnapshot));
  settle();
  send();
  write("2.csv", csv_of(2));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 38);
  EXPECT_THAT(names("drop"), ElementsAre("2.csv"));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  ASSERT_TRUE(made_.task->release({}));
  turns();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(waiting(), 38);
  EXPECT_THAT(names("drop"), IsEmpty());
}

TEST_F(DaemonDirectoryTest, AnOlderSnapshotIsNotTakenWhileANewerOneIsHeld) {
  const auto rows_of = [](int count) {
    std::string text = "id,label\n";
    for (int i = 1; i <= count; ++i) text += std::to_string(i) + ",label\n";
    return text;
  };
  write("b.csv", rows_of(49));
  make(drop(Content::kSnapshot));
  settle();
  send();
  write("d.csv", rows_of(10));
  settle();
  ASSERT_EQ(status().state, TaskState::kHeld);
  write("a.csv", rows_of(40));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 39);
  std::filesystem::remove(folder_.file("drop/d.csv"));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell);
  send();
  EXPECT_EQ(rows().size(), 40U);
}

TEST_F(DaemonDirectoryTest, AFolderThatIsNotThereIsToldAndSeenWhenItComes) {
  std::filesystem::remove(folder_.file("drop"));
  make(drop());
  turns();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("cannot be listed"));
  std::filesystem::create_directory(folder_.file("drop"));
  write("a.csv", "op,id,label\nupsert,1,a\n");
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(waiting(), 1);
}

// Whoever may drop files has fewer rights than the daemon.
class DaemonHostileFolderTest : public DaemonDirectoryTest {
 protected:
  // The folders for what is done with are made in the drop folder, as without other settings.
  SourceConfig inside() {
    SourceConfig config = drop();
    auto& directory = std::get<DirectoryOrigin>(*config.origin);
    directory.move_to = folder_.file("drop/done");
    directory.failed = folder_.file("drop/failed");
    return config;
  }
  void link(const std::string& to, const std::string& name) {
    std::filesystem::create_symlink(folder_.file(to), folder_.file("drop/" + name));
  }
};

TEST_F(DaemonHostileFolderTest, WhatIsNoFileIsNotTakenAndNamed) {
  folder_.write("secret", "op,id,label\nupsert,1,of others\n");
  folder_.write("key", "CANARY-key\n");
  make(inside());
  turns();
  link("secret", "a.csv");
  link("key", "b.csv");
  ASSERT_EQ(::mkfifo(folder_.file("drop/c.csv").c_str(), 0600), 0);
  write("d.csv", "op,id,label\nupsert,2,d\n");
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"2", "d"}));
  EXPECT_THAT(names("drop"), UnorderedElementsAre("a.csv", "b.csv", "c.csv", "done"));
  EXPECT_THAT(status().warning, HasSubstr("drop/a.csv is no file but a link or a pipe"));
  EXPECT_THAT(status().warning, HasSubstr("2 others"));
  for (const char* name : {"a.csv", "b.csv", "c.csv"})
    std::filesystem::remove(folder_.file(std::string("drop/") + name));
  settle();
  EXPECT_EQ(status().warning, "");
}

TEST_F(DaemonHostileFolderTest, ALinkInPlaceOfAReasonIsNotWrittenTo) {
  folder_.write("victim", "as before");
  make(inside());
  turns();
  std::filesystem::create_directory(folder_.file("drop/failed"));
  link("victim", "failed/a.csv.reason");
  ASSERT_EQ(::mkfifo(folder_.file("drop/failed/b.csv.reason").c_str(), 0600), 0);
  write("a.csv", "garbage\n");
  write("b.csv", "garbage\n");
  settle();
  EXPECT_EQ(text("victim"), "as before");
  for (const char* name : {"drop/failed/a.csv.reason", "drop/failed/b.csv.reason"}) {
    EXPECT_TRUE(
        std::filesystem::is_regular_file(std::filesystem::symlink_status(folder_.file(name))));
    EXPECT_THAT(text(name), HasSubstr("op"));
  }
}

TEST_F(DaemonHostileFolderTest, NoLinkInPlaceOfAFolderIsFollowed) {
  std::filesystem::create_directory(folder_.file("elsewhere"));
  make(inside());
  turns();
  link("elsewhere", "done");
  link("elsewhere", "failed");
  write("a.csv", "op,id,label\nupsert,1,a\n");
  settle();
  write("b.csv", "garbage\n");
  settle();
  EXPECT_THAT(names("elsewhere"), IsEmpty());
  EXPECT_EQ(waiting(), 1) << "it was applied once";
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("a link is not followed"));
}

// An operator's own folders may be links.
TEST_F(DaemonHostileFolderTest, FoldersElsewhereMayBeLinks) {
  std::filesystem::create_directory(folder_.file("elsewhere"));
  std::filesystem::create_symlink(folder_.file("elsewhere"), folder_.file("done"));
  make(drop());
  turns();
  write("a.csv", "op,id,label\nupsert,1,a\n");
  settle();
  EXPECT_THAT(names("elsewhere"), ElementsAre("a.csv"));
}

// The one that was read is done with, the one that came meanwhile is not.
TEST_F(DaemonDirectoryTest, AFileThatComesByTheSameNameWhileOneIsReadIsTakenAsWell) {
  for (const Done done : {Done::kMove, Done::kDelete}) {
    SCOPED_TRACE(static_cast<int>(done));
    make(drop(Content::kChanges, done));
    turns();
    write("a.csv", "op,id,label\nupsert,1,first\n");
    DroppedFiles files(std::get<DirectoryOrigin>(*drop(Content::kChanges, done).origin), watch_,
                       {});
    ASSERT_TRUE(files.look(clock_->now()));
    write("a.csv", "op,id,label\nupsert,1,second\n");
    EXPECT_FALSE(files.pin("a.csv").value());
    EXPECT_TRUE(files.finish("a.csv"));
    EXPECT_TRUE(files.refuse("a.csv", "for no reason"));
    EXPECT_THAT(names("drop"), ElementsAre("a.csv"));
    settle();
    send();
    EXPECT_THAT(rows(), ElementsAre(Row{"1", "second"}));
  }
}

TEST_F(DaemonDirectoryTest, NamesMayBeAnyBytes) {
  const std::string name = "a %25\xFF\xC3\xBC.csv";
  write(name, "op,id,label\nupsert,1,a\n");
  make(drop(Content::kChanges, Done::kKeep));
  settle();
  EXPECT_EQ(waiting(), 1);
  ASSERT_TRUE(client_->data_source("OUTAGES").apply({Upsert{{"1", "newer"}}}));
  make(drop(Content::kChanges, Done::kKeep));
  settle();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "newer"}));
}

TEST_F(DaemonDirectoryTest, ADryReadingLeavesEveryFileWhereItIs) {
  write("a.csv", "op,id,label\nupsert,1,a\n");
  write("b.csv", "op,id,label\nupsert,2\n");
  make(drop(), Delivering::kDry);
  settle();
  EXPECT_EQ(waiting(), 0);
  EXPECT_THAT(status().error, HasSubstr("b.csv"));
  EXPECT_THAT(names("drop"), UnorderedElementsAre("a.csv", "b.csv"));
}

TEST_F(DaemonDirectoryTest, ChangesAreNotServed) {
  SourceConfig config = drop();
  config.deliver = Deliver::kBoth;
  config.id = "OUTAGES";
  EXPECT_EQ(make_source(parts(), config, watch_, {}).error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace weir::daemon
