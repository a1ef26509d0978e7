#include "daemon/loop/daemon_log.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

class DaemonLogTest : public ::testing::Test {
 protected:
  DaemonLog log(LogForm form) {
    return {form, LogLevel::kInfo, clock_,
            [this](std::string_view line) { lines_.emplace_back(line); }};
  }

  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{1'700'000'000s});
  std::vector<std::string> lines_;
};

TEST_F(DaemonLogTest, WritesForATerminalForJournaldAndForPrograms) {
  DaemonLog text = log(LogForm::kText);
  text.add(LogLevel::kError, "acme", "the file is gone");
  DaemonLog journal = log(LogForm::kJournal);
  journal.add(LogLevel::kError, "", "the file is gone");
  journal.add(LogLevel::kWarning, "", "w");
  journal.add(LogLevel::kInfo, "", "i");
  DaemonLog json = log(LogForm::kJson);
  json.add(LogLevel::kInfo, "acme", "4 \"rows\" \xff");
  EXPECT_EQ(lines_, (std::vector<std::string>{
                        "2023-11-14T22:13:20Z error acme: the file is gone", "<3>the file is gone",
                        "<4>w", "<6>i",
                        "{\"time\":\"2023-11-14T22:13:20Z\",\"level\":\"info\",\"org\":\"acme\","
                        "\"text\":\"4 \\\"rows\\\" ?\"}"}));
}

TEST_F(DaemonLogTest, BreaksNoLineAndSteersNoTerminal) {
  log(LogForm::kText).add(LogLevel::kInfo, "", "a\nb\x1b[2J");
  EXPECT_EQ(lines_.at(0), "2023-11-14T22:13:20Z info a b [2J");
}

TEST_F(DaemonLogTest, TellsAFailureThatRepeatsNowAndThen) {
  DaemonLog log = this->log(LogForm::kJournal);
  for (int i = 0; i < 150; ++i) log.add(LogLevel::kError, "", "away");
  EXPECT_EQ(lines_,
            (std::vector<std::string>{"<3>away", "<3>away (10 times)", "<3>away (100 times)"}));
  clock_->advance(1h);
  log.add(LogLevel::kError, "", "away");
  EXPECT_EQ(lines_.back(), "<3>away (151 times)");
  log.add(LogLevel::kError, "blue", "away");
  EXPECT_EQ(lines_.back(), "<3>blue: away");
  log.add(LogLevel::kInfo, "", "sent");
  log.add(LogLevel::kInfo, "", "sent");
  EXPECT_EQ(lines_.size(), 7U) << "what is no failure is told each time";
}

TEST_F(DaemonLogTest, KeepsTheLastLines) {
  DaemonLog log = this->log(LogForm::kJournal);
  for (int i = 0; i < 300; ++i) log.add(LogLevel::kInfo, "", std::to_string(i));
  EXPECT_EQ(log.last().size(), 200U);
  EXPECT_EQ(log.last().back(), "<6>299");
  log.add(LogLevel::kDebug, "", "a call");
  EXPECT_EQ(log.last().back(), "<6>299");
}

}  // namespace
}  // namespace weir::daemon
