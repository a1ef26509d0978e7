// The page of a daemon that hangs, as a process that is stopped does: its connections stay open,
// and nothing comes.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "browser/browser.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

class HungDaemonTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("key", "any-key\n");
    ::chmod(folder_.file("key").c_str(), 0600);
    // Nothing is asked of the platform, for there is no source and no poll.
    folder_.write("weir.toml",
                  "url = 'http://127.0.0.1:9'\ncompany_id = 7\ntime_zone = 'Europe/Berlin'\n"
                  "integration_key_file = 'key'\nstore = 'weir.db'\n"
                  "[daemon]\nlisten = '127.0.0.1:0'\n");
    process_ = testing::start(
        {std::string(WEIR_BINARIES) + "/weir", "run", "--config", folder_.file("weir.toml")}, {},
        folder_.file("out"), folder_.file("err"));
    while (out().find("ready\n") == std::string::npos) {
      ASSERT_EQ(::waitpid(process_, nullptr, WNOHANG), 0) << "it has ended";
      ::sched_yield();
    }
  }
  void TearDown() override {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  std::string out() const {
    std::ifstream file(folder_.file("out"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  testing::TemporaryFolder folder_;
  pid_t process_ = 0;
};

TEST_F(HungDaemonTest, ThePageSaysSoWithinTenSecondsAndThatItIsOverToo) {
  const std::string url = out().substr(7, out().find('\n') - 7);
  const std::string contact = "document.getElementById('contact').textContent";
  testing::Browser browser;
  browser.open(url);
  browser.wait_until("heardAt > 0");
  EXPECT_EQ(browser.value(contact), "");
  for (int i = 0; i < 2; ++i) {
    ::kill(process_, SIGSTOP);
    const auto begun = std::chrono::steady_clock::now();
    browser.wait_until(contact + ".startsWith('No contact since ')");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
    EXPECT_EQ(browser.value("document.getElementById('parts').children.length > 0"), true)
        << "what it had stays";
    ::kill(process_, SIGCONT);
    browser.wait_until(contact + " === ''");
  }
}

}  // namespace
}  // namespace weir::daemon
