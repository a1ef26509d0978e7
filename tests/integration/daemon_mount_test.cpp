// `weir run` with a source on a file system that does not answer: it is a failing source, and holds
// up neither the others nor the start, a reload, a check or the end.
#include <gmock/gmock.h>

#include <optional>

#include "daemon_run_fixture.h"
#include "support/silent_mount.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Silence;

class SilentMountTest : public testing::DaemonRunTest {
 protected:
  void SetUp() override {
    DaemonRunTest::SetUp();
    std::filesystem::create_directory(folder_.file("hang"));
    folder_.write("hang/hung.csv", testing::rows_up_to(2));
    put("outages.csv", testing::rows_up_to(3));
  }
  std::vector<mock::DataSourceOptions> data_sources() const override {
    return {{"OUTAGES", {"id", "city", "status"}}, {"HUNG", {"id", "city", "status"}}};
  }

  static std::string hung(const std::string& origin = "csv = 'hang/hung.csv'") {
    return "[source.HUNG]\n" + origin + "\nfirst = 'replace'\ndeadline = '1s'\n";
  }
  std::string silent() const {
    return "the file system mounted at " + folder_.file("hang") + " does not answer";
  }
  std::string status() { return told({"status"}).out; }
  void wait_for_status(const std::string& words) {
    while (!testing::has(status(), words)) ::sched_yield();
  }
  void wait_for_log(const std::string& words) const {
    while (!testing::has(content("err"), words)) ::sched_yield();
  }
  static std::size_t count_of(const std::string& words, const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
      ++count;
    return count;
  }
};

// Both kinds, from before the start.
class SilentFromTheStartTest : public SilentMountTest,
                               public ::testing::WithParamInterface<Silence> {
 protected:
  void SetUp() override {
    SilentMountTest::SetUp();
    if (GetParam() == Silence::kMounted) {
      mount_.emplace(folder_.file("hang"));
      ASSERT_TRUE(mount_->is_there());
      return;
    }
#ifdef WEIR_SILENT_FILES
    const testing::SilentFolder folder(folder_.file("hang"));
    environment_ = folder.environment();
    folder.fall_silent();
#endif
  }
  void TearDown() override {
    SilentMountTest::TearDown();
    mount_.reset();
  }

 private:
  std::optional<testing::FuseMount> mount_;
};

TEST_P(SilentFromTheStartTest, OthersAreReadAndItIsAFailingSource) {
  settings("stop_within = '20s'\n" + outages() + hung());
  run_daemon();
  wait_for_rows(3);
  wait_for_status(silent());
  EXPECT_EQ(count_of("HUNG: " + folder_.file("hang/hung.csv") + ": " + silent(), content("err")),
            1U);
  EXPECT_EQ(told({"status", "--exit-code"}).exit_code, 9);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_THAT(content("err"), Not(HasSubstr("what still ran")));
}

TEST_P(SilentFromTheStartTest, ReloadsAndHangUpsAreAnswered) {
  settings(outages() + hung());
  run_daemon();
  settings(outages() + hung() + "weight = 2\n");
  EXPECT_EQ(told({"reload"}).exit_code, 0);
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  settings(outages());
  ::kill(daemon_, SIGHUP);
  while (testing::has(status(), "HUNG")) ::sched_yield();
  put("outages.csv", testing::rows_up_to(4));
  wait_for_rows(4);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

// All that a setting names is told in its place, and what else is wrong too. Each of them would be
// waited for anew if one did not teach of the others.
TEST_P(SilentFromTheStartTest, CheckTellsAllThatLiesThereAndEnds) {
  std::string sources =
      "[source.A]\ncsv = 'hang/a.csv'\n[source.B]\nndjson = 'hang/b.ndjson'\n"
      "[source.C]\ndirectory = 'hang/drop'\n[source.D]\ncommand = ['hang/export']\n"
      "[source.E]\ndatabase = 'sqlite3://hang/e.db'\nquery = 'SELECT 1'\n"
      "[poll.F]\nform = 'F'\nappend = 'hang/f.ndjson'\n";
  for (int i = 0; i < 30; ++i)
    sources +=
        "[source.S" + std::to_string(i) + "]\ncsv = 'hang/" + std::to_string(i) + "/s.csv'\n";
  settings(sources);
  const testing::Finished checked = told({"check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  for (const char* part : {"csv in [source.A]", "ndjson in [source.B]", "directory in [source.C]",
                           "command in [source.D]", "database in [source.E]", "append in [poll.F]",
                           "csv in [source.S29]"})
    EXPECT_THAT(checked.out + checked.err,
                HasSubstr(std::string(part) + " cannot be looked at now: " + folder_.file("hang")));
  settings(sources + "settel = '1s'\n");
  EXPECT_EQ(told({"check"}).exit_code, 3);
}

TEST_P(SilentFromTheStartTest, OneRunSendsTheOthersAndFails) {
  settings(outages() + hung());
  const testing::Finished once = told({"run", "--once"});
  EXPECT_NE(once.exit_code, 0);
  EXPECT_THAT(once.err, HasSubstr(silent()));
  EXPECT_EQ(rows().size(), 3U);
}

// A link that leads there is what does not answer, and its neighbours do.
TEST_P(SilentFromTheStartTest, ALinkThatLeadsThereHoldsUpNoneOfItsNeighbours) {
  std::filesystem::create_symlink("hang/hung.csv", folder_.file("link.csv"));
  settings(outages() + hung("csv = 'link.csv'"));
  run_daemon();
  wait_for_rows(3);
  wait_for_status(folder_.file("link.csv") + ": " + silent());
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SilentFromTheStartTest);
INSTANTIATE_TEST_SUITE_P(Kinds, SilentFromTheStartTest,
                         ::testing::ValuesIn(testing::kinds_of_silence()), [](const auto& kind) {
                           return kind.param == Silence::kMounted ? "Mounted" : "Injected";
                         });

#ifdef WEIR_SILENT_FILES
class FallsSilentTest : public SilentMountTest {
 protected:
  void SetUp() override {
    SilentMountTest::SetUp();
    silence_.emplace(folder_.file("hang"));
    environment_ = silence_->environment();
  }
  void wait_for_hung(std::size_t count) const {
    while (server_->rows("HUNG").value().size() != count) ::sched_yield();
  }

  std::optional<testing::SilentFolder> silence_;
};

TEST_F(FallsSilentTest, ItFailsUntilItAnswersAgain) {
  settings(outages() + hung());
  run_daemon();
  wait_for_hung(2);
  silence_->fall_silent();
  put("hang/hung.csv", testing::rows_up_to(4));
  wait_for_status(silent());
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  EXPECT_EQ(server_->rows("HUNG").value().size(), 2U);
  silence_->answer();
  wait_for_hung(4);
  wait_for_log("HUNG: its file system answers again");
  while (testing::has(status(), silent())) ::sched_yield();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

// What was read before the silence is not read again.
TEST_F(FallsSilentTest, ASourceThatHasNotChangedIsWellAgain) {
  settings(outages() + hung());
  run_daemon();
  wait_for_hung(2);
  silence_->fall_silent();
  // Somebody opens it and writes nothing.
  std::ofstream(folder_.file("hang/hung.csv"), std::ios::app).close();
  wait_for_status(silent());
  silence_->answer();
  while (told({"status", "--exit-code"}).exit_code != 0) ::sched_yield();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

TEST_F(FallsSilentTest, OneThreadWaitsForItHoweverOftenItIsLookedAt) {
  settings(outages() + hung());
  run_daemon();
  wait_for_hung(2);
  silence_->fall_silent();
  EXPECT_EQ(told({"check"}).exit_code, 0);
  const std::size_t of_check = silence_->waited();
  EXPECT_EQ(of_check, 1U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(told({"reload"}).exit_code, 0);
  put("hang/hung.csv", testing::rows_up_to(4));
  wait_for_status(silent());
  EXPECT_EQ(silence_->waited() - of_check, 1U);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

// Not even a reload that waits for the source which hangs.
TEST_F(FallsSilentTest, NothingThatHangsHoldsUpTheEnd) {
  silence_->be_unreadable();
  settings("stop_within = '1s'\n" + outages() + hung());
  run_daemon();
  wait_for_rows(3);
  while (silence_->waited() == 0) ::sched_yield();
  settings("stop_within = '1s'\n" + outages());
  ::kill(daemon_, SIGHUP);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_THAT(content("err"), HasSubstr("what still ran after stop_within is ended now"));
}
#endif

}  // namespace
}  // namespace weir
