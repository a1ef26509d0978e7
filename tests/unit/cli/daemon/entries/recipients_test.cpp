// The handlers of polls: commands and files. Webhooks and tables are in tests of their own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <weir/testing/manual_clock.h>

#include <fstream>
#include <iterator>

#include "daemon/entries/entry_text.h"
#include "daemon/entries/recipient.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

const TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 12h};

QueuedEntry entry_with(const std::string& id, std::int64_t attempts = 0) {
  return {.number = 1, .id = id, .body = "{\"Id\":\"" + id + "\"}", .attempts = attempts};
}

class RecipientTest : public ::testing::Test {
 protected:
  std::unique_ptr<Recipient> make(Handler handler, const std::string& org = "") {
    PollConfig config{.name = "P", .form = "INSPECTION", .handler = std::move(handler)};
    Result<std::unique_ptr<Recipient>> made =
        make_recipient(config, {.org = org,
                                .clock = clock_,
                                .log = [this](LogLevel, std::string_view line) { log_ += line; },
                                .stop_grace = 1min});
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }

  static Handed give(Recipient& recipient, const std::vector<QueuedEntry>& entries) {
    return recipient.hand_over(entries, {});
  }

  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(file.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  const testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(kNoon);
  std::string log_;
};

class CommandRecipientTest : public RecipientTest {
 protected:
  std::unique_ptr<Recipient> script(const std::string& text, std::int64_t batch = 1,
                                    const std::string& org = "") {
    return make(CommandHandler{.command = {"/bin/sh", "-c", text}, .batch = batch}, org);
  }
  std::string out() const { return folder_.file("out"); }
};

TEST_F(CommandRecipientTest, GetsTheEntryAsALineAndWhatItIs) {
  const auto recipient = script("{ cat; env | grep ^WEIR_ | sort; } > " + out(), 1, "acme");
  EXPECT_EQ(give(*recipient, {entry_with("e7", 2)}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(content(out()),
            "{\"Id\":\"e7\"}\nWEIR_ATTEMPT=3\nWEIR_ENTRY_ID=e7\nWEIR_FORM=INSPECTION\n"
            "WEIR_ORG=acme\nWEIR_POLL=P\n");
}

TEST_F(CommandRecipientTest, GetsABatchAsLines) {
  const auto recipient = script("{ cat; echo $WEIR_ENTRIES; } > " + out(), 10);
  EXPECT_EQ(recipient->batch(), 10U);
  EXPECT_EQ(give(*recipient, {entry_with("1"), entry_with("2")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(content(out()), "{\"Id\":\"1\"}\n{\"Id\":\"2\"}\n2\n");
}

TEST_F(CommandRecipientTest, IsTakenAtItsExitCode) {
  for (int code = 0; code < 256; code += code < 70 ? 1 : 37) {
    const HandlerAnswer expected = code == 0    ? HandlerAnswer::kDone
                                   : code == 65 ? HandlerAnswer::kNever
                                                : HandlerAnswer::kAgain;
    const auto recipient = script("exit " + std::to_string(code));
    EXPECT_EQ(give(*recipient, {entry_with("1")}).verdict, expected) << code;
  }
}

TEST_F(CommandRecipientTest, SaysWhyItFailed) {
  const auto recipient = script("echo 'no such table' >&2; exit 3");
  EXPECT_EQ(give(*recipient, {entry_with("1")}).reason,
            "the command ended with exit code 3: “no such table”");
}

TEST_F(CommandRecipientTest, IsTriedAgainWhenItIsNotThereOrDies) {
  const auto missing = make(CommandHandler{.command = {"/nowhere/save"}});
  const Handed handed = give(*missing, {entry_with("1")});
  EXPECT_EQ(handed.verdict, HandlerAnswer::kAgain);
  EXPECT_THAT(handed.reason, HasSubstr("/nowhere/save"));
  EXPECT_EQ(give(*script("kill -9 $$"), {entry_with("1")}).verdict, HandlerAnswer::kAgain);
}

// 65 of a program that was ended is not its word.
TEST_F(CommandRecipientTest, IsTriedAgainWhenItsTimeIsOver) {
  const auto recipient = make(CommandHandler{
      .command = {"/bin/sh", "-c", "trap 'exit 65' TERM; while :; do sleep 0.01; done"},
      .timeout = 100ms});
  EXPECT_EQ(give(*recipient, {entry_with("1")}).verdict, HandlerAnswer::kAgain);
}

TEST_F(CommandRecipientTest, GetsAnIdThatIsNoShellsBusiness) {
  const auto recipient = script("printf %s \"$WEIR_ENTRY_ID\" > " + out());
  const std::string id = "$(touch x)'\"; a\nb\xff";
  EXPECT_EQ(give(*recipient, {entry_with(id)}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(content(out()), id);
}

TEST_F(CommandRecipientTest, NeverGetsAnIdThatNoProgramCanBeGiven) {
  const auto recipient = script("echo started > " + out());
  const Handed handed = give(*recipient, {entry_with(std::string(200'000, 'x'))});
  EXPECT_EQ(handed.verdict, HandlerAnswer::kNever);
  EXPECT_THAT(handed.reason, HasSubstr("200000 bytes"));
  EXPECT_EQ(content(out()), "");
  EXPECT_EQ(give(*recipient, {entry_with(std::string(90'000, 'x'))}).verdict, HandlerAnswer::kDone);
}

class AppendRecipientTest : public RecipientTest {
 protected:
  std::string path() const { return folder_.file("entries.ndjson"); }
  void was_written_at(TimePoint time) const {
    const timespec at{
        .tv_sec = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(),
        .tv_nsec = 0};
    const timespec times[] = {at, at};
    ASSERT_EQ(::utimensat(AT_FDCWD, path().c_str(), times, 0), 0);
  }
  std::unique_ptr<Recipient> file(AppendHandler handler = {}) {
    handler.path = path();
    return make(std::move(handler));
  }
};

TEST_F(AppendRecipientTest, WritesALineForEach) {
  const auto recipient = file();
  EXPECT_EQ(give(*recipient, {entry_with("1"), entry_with("2")}).verdict, HandlerAnswer::kDone);
  recipient->rest();
  EXPECT_EQ(give(*recipient, {entry_with("3")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(content(path()), "{\"Id\":\"1\"}\n{\"Id\":\"2\"}\n{\"Id\":\"3\"}\n");
}

TEST_F(AppendRecipientTest, MakesAFileThatOthersCannotRead) {
  give(*file(), {entry_with("1")});
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

struct Torn {
  const char* name;
  std::string before;
  std::string after;
};
class TornLines : public AppendRecipientTest, public ::testing::WithParamInterface<Torn> {};
INSTANTIATE_TEST_SUITE_P(Each, TornLines,
                         ::testing::Values(Torn{"None", "{\"a\":1}\n", "{\"a\":1}\n"},
                                           Torn{"Half", "{\"a\":1}\n{\"b\"", "{\"a\":1}\n"},
                                           Torn{"TheFirst", "{\"a\"", ""}, Torn{"Empty", "", ""},
                                           Torn{"Long", "{\"a\":1}\n{" + std::string(200'000, 'x'),
                                                "{\"a\":1}\n"},
                                           Torn{"LongFirst", "{" + std::string(200'000, 'x'), ""}),
                         [](const auto& torn) { return torn.param.name; });
TEST_P(TornLines, AreCutOffAndSaid) {
  folder_.write("entries.ndjson", GetParam().before);
  EXPECT_EQ(give(*file(), {entry_with("1")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(content(path()), GetParam().after + "{\"Id\":\"1\"}\n");
  EXPECT_EQ(log_.find("torn") != std::string::npos, GetParam().before != GetParam().after);
}

TEST_F(AppendRecipientTest, DoesNotCutOffWhatIsNotItsOwn) {
  for (const std::string& other :
       {std::string("a note without an end of its line"), std::string("id,name\n1,a\n2,b"),
        std::string("id,name\n1,a\n"), std::string("SQLite format 3\0\n{", 18),
        std::string("[{\"a\":1}]\n"), std::string("{\"a\":1}\nand a note"),
        "k3y\n" + std::string(200'000, 'x')}) {
    folder_.write("entries.ndjson", other);
    const Handed handed = give(*file(), {entry_with("1")});
    EXPECT_EQ(handed.verdict, HandlerAnswer::kAgain);
    EXPECT_THAT(handed.reason, HasSubstr("something else"));
    EXPECT_EQ(content(path()), other);
  }
}

TEST_F(AppendRecipientTest, LeavesAFileAloneThatAnotherProgramAppendsTo) {
  folder_.write("entries.ndjson", "");
  const int other = ::open(path().c_str(), O_RDWR);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const auto recipient = file();
  EXPECT_THAT(give(*recipient, {entry_with("1")}).reason, HasSubstr("another program"));
  ::close(other);
  EXPECT_EQ(give(*recipient, {entry_with("1")}).verdict, HandlerAnswer::kDone);
}

TEST_F(AppendRecipientTest, BeginsAnewWhenTheFileWasMovedAway) {
  const auto recipient = file();
  give(*recipient, {entry_with("1")});
  std::filesystem::rename(path(), folder_.file("old"));
  EXPECT_EQ(give(*recipient, {entry_with("2")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(content(path()), "{\"Id\":\"2\"}\n");
}

TEST_F(AppendRecipientTest, RefusesWhatIsNoFile) {
  std::filesystem::create_directory(path());
  EXPECT_EQ(give(*file(), {entry_with("1")}).verdict, HandlerAnswer::kAgain);
  std::filesystem::remove(path());
  std::filesystem::create_symlink("/dev/full", path());
  EXPECT_THAT(give(*file(), {entry_with("1")}).reason, HasSubstr("not a file"));
}

TEST_F(AppendRecipientTest, SaysThatTheFolderIsNotThere) {
  const auto recipient = make(AppendHandler{.path = folder_.file("none/entries.ndjson")});
  EXPECT_THAT(give(*recipient, {entry_with("1")}).reason, HasSubstr("No such file"));
}

TEST_F(AppendRecipientTest, RotatesBySizeWithoutCuttingALine) {
  const auto recipient = file({.rotate_bytes = 30});
  for (const char* id : {"1", "2", "3", "4", "5"}) give(*recipient, {entry_with(id)});
  EXPECT_EQ(files().size(), 3U);
  std::string all;
  for (const std::string& name : files()) {
    EXPECT_LE(std::filesystem::file_size(folder_.file(name)), 30U) << name;
    all += content(folder_.file(name));
  }
  for (const char* id : {"1", "2", "3", "4", "5"})
    EXPECT_THAT(all, HasSubstr(entry_with(id).body + "\n"));
  EXPECT_EQ(content(path()), "{\"Id\":\"5\"}\n");
}

TEST_F(AppendRecipientTest, RotatesByTime) {
  const auto recipient = file({.rotate_after = 24h});
  give(*recipient, {entry_with("1")});
  was_written_at(kNoon);
  give(*recipient, {entry_with("2")});
  EXPECT_EQ(files().size(), 1U);
  was_written_at(kNoon);
  clock_->advance(24h);
  give(*recipient, {entry_with("3")});
  EXPECT_EQ(files().size(), 2U);
  EXPECT_EQ(content(path()), "{\"Id\":\"3\"}\n");
}

TEST(EntryText, SaysThatItIsABackfill) {
  EXPECT_EQ(entry_text({.json = R"({"Id":"1"})"}), R"({"Id":"1"})");
  EXPECT_EQ(entry_text({.json = R"({"Id":"1"})"}, true), R"({"backfill":true,"Id":"1"})");
  EXPECT_EQ(entry_text({.json = "{}"}, true), R"({"backfill":true})");
}

TEST(EntryText, OfRowsIsWhatWeirApplyReads) {
  EXPECT_EQ(change_texts(
                {.columns = {"id", "name"}, .changed = {{"7", "a \"b\"\n\xff"}}, .deleted = {"8"}}),
            (std::vector<std::string>{
                "{\"op\":\"upsert\",\"id\":\"7\",\"name\":\"a \\\"b\\\"\\n\xEF\xBF\xBD\"}",
                R"({"op":"delete","id":"8"})"}));
}

TEST(EntryText, OfRowsHasTheOperationAndEveryCellWhateverTheColumnsAreCalled) {
  EXPECT_EQ(
      change_texts({.columns = {"id", "op", "x", "x"}, .changed = {{"1", "delete", "a", "b"}}}),
      std::vector<std::string>{
          R"({"op":"upsert","id":"1","column 2":"delete","x":"a","column 4":"b"})"});
  EXPECT_EQ(change_texts({.columns = {"op"}, .deleted = {"1"}}),
            std::vector<std::string>{R"({"op":"delete","column 1":"1"})"});
}

}  // namespace
}  // namespace weir::daemon
