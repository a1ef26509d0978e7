// Pushing processes that are killed with kill -9 again and again, while the platform's process is
// killed after it has applied a change and before it answers: nothing is lost, the order per key
// holds, the budget is kept.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/client.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "support/mock_process.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Microseconds = std::chrono::microseconds;

constexpr int kSlots = 3;

// The bounded tier; ./dev soak asks for more.
int kills_wanted() {
  const char* wanted = std::getenv("WEIR_KILLS");
  return wanted == nullptr ? 800 : std::atoi(wanted);
}

// A value is its mark, + or - (a delete), and a text that sorts in the order of the changes.
std::string order_of(const std::string& value) { return value.substr(1); }

class KillTest : public ::testing::Test {
 protected:
  struct Slot {
    pid_t process = 0;
    int lives = 0;
    off_t journal_at_start = 0;
    int ended = -1;    // readable when the process has ended
    int written = -1;  // readable when the journal has been written to
  };

  std::string journal(int slot) const { return folder_.file("journal-" + std::to_string(slot)); }

  off_t journal_size(int slot) const {
    struct stat found = {};
    return ::stat(journal(slot).c_str(), &found) == 0 ? found.st_size : 0;
  }

  void start(int number) {
    Slot& slot = slots_[number];
    if (slot.written < 0) watch_journal(number);
    slot.journal_at_start = journal_size(number);
    slot.process = testing::start(
        {std::string(WEIR_BINARIES) + "/killed_pusher", folder_.file("weir.db"), server_.url(),
         std::to_string(number), std::to_string(slot.lives++), journal(number)},
        {{"TZ", "UTC"}}, folder_.file("out"), folder_.file("err"));
    slot.ended = static_cast<int>(::syscall(SYS_pidfd_open, slot.process, 0));
  }

  void watch_journal(int number) {
    Slot& slot = slots_[number];
    ::close(::open(journal(number).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    slot.written = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ::inotify_add_watch(slot.written, journal(number).c_str(), IN_MODIFY);
  }

  // Until the journal has so many bytes or the process has ended: without turning, so that the
  // processes have both cores of a small machine.
  void wait_for_journal(int number, off_t wanted) {
    const Slot& slot = slots_[number];
    std::array<char, 4096> seen;
    while (journal_size(number) < wanted) {
      std::array<pollfd, 2> events = {{{.fd = slot.ended, .events = POLLIN, .revents = 0},
                                       {.fd = slot.written, .events = POLLIN, .revents = 0}}};
      ::poll(events.data(), events.size(), -1);
      if (events[0].revents != 0) return;
      while (::read(slot.written, seen.data(), seen.size()) > 0) continue;
    }
  }

  // Until the process has ended, but no longer than this.
  static void let_run(const Slot& slot, Microseconds time) {
    pollfd ended = {.fd = slot.ended, .events = POLLIN, .revents = 0};
    const timespec most = {.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(time).count()};
    ::ppoll(&ended, 1, &most, nullptr);
  }

  static void end(const Slot& slot) {
    ::kill(slot.process, SIGKILL);
    ::waitpid(slot.process, nullptr, 0);
    ::close(slot.ended);
  }

  // At a random moment of its start, or some time after it has done a random part of its work.
  void kill_one(int number) {
    Slot& slot = slots_[number];
    if (random_() % 10 != 0) {
      const auto wanted = static_cast<off_t>(20 * (random_() % 8));
      wait_for_journal(number, slot.journal_at_start + wanted);
    }
    let_run(slot, Microseconds(random_() % 6000));
    end(slot);
    start(number);
  }

  // What is seen of a key on the platform never goes back.
  void look_at_rows() {
    const std::vector<Row> rows = server_.rows("S");
    for (const Row& row : rows) {
      std::string& last = last_seen_[row[0]];
      EXPECT_GE(order_of(row[1]), last) << "key " << row[0];
      last = std::max(last, order_of(row[1]));
    }
  }

  // Of each key: what was kept last, and what may have been kept after it.
  struct Expected {
    std::string kept;
    std::vector<std::string> perhaps;
  };

  std::map<std::string, Expected> expected() const {
    std::map<std::string, Expected> keys;
    for (int slot = 0; slot < kSlots; ++slot) {
      std::ifstream lines(journal(slot));
      std::string mark;
      std::string key;
      std::string value;
      while (lines >> mark >> key >> value) {
        Expected& of_key = keys[key];
        if (mark == "!") of_key = {.kept = value, .perhaps = {}};
        if (mark == "?") of_key.perhaps.push_back(value);
      }
    }
    return keys;
  }

  // Whether the key may be like this in the end; no value: it is not there.
  static bool fits(const Expected& expected, const std::optional<std::string>& value) {
    std::vector<std::string> possible = expected.perhaps;
    possible.push_back(expected.kept);
    return std::any_of(possible.begin(), possible.end(), [&](const std::string& wanted) {
      const bool is_gone = wanted.empty() || wanted.front() == '-';
      return value ? wanted == *value : is_gone;
    });
  }

  testing::TemporaryFolder folder_;
  testing::MockProcess server_{std::string(WEIR_BINARIES) + "/weir-mock-server",
                               {"--data-source", "S:id,text", "--calls-per-day", "1000000"}};
  std::mt19937 random_{20261125};
  std::map<int, Slot> slots_;
  std::map<std::string, std::string> last_seen_;
};

TEST_F(KillTest, LosesNothingOfManyProcessesThatAreKilledAgainAndAgain) {
  const int kills = kills_wanted();
  for (int slot = 0; slot < kSlots; ++slot) start(slot);
  for (int kill = 0; kill < kills; ++kill) {
    if (random_() % 10 < 3) server_.die_before_the_next_answer();
    kill_one(static_cast<int>(random_() % kSlots));
    if (kill % 20 == 0) look_at_rows();
  }
  for (auto& [number, slot] : slots_) {
    end(slot);
    ::close(slot.written);
  }
  server_.clear_faults();

  Result<Client> client = Client::open({.url = server_.url(),
                                        .company_id = 1,
                                        .integration_key = Secret::from_string("k", "the test"),
                                        .time_zone = "UTC",
                                        .store = folder_.file("weir.db"),
                                        .calls_per_day = 1'000'000,
                                        .send_in_background = false,
                                        .lease_rest = 20ms});
  ASSERT_TRUE(client) << client.error().message;
  const Result<SendReport> sent = client->drain(60s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->dead_letters, 0);

  std::map<std::string, std::string> rows;
  const std::vector<Row> found_rows = server_.rows("S");
  for (const Row& row : found_rows)
    EXPECT_TRUE(rows.emplace(row[0], row[1]).second) << "twice: " << row[0];
  int keys = 0;
  for (const auto& [key, wanted] : expected()) {
    const auto found = rows.find(key);
    const auto value = found == rows.end() ? std::nullopt : std::optional(found->second);
    EXPECT_TRUE(fits(wanted, value))
        << key << " was kept as " << wanted.kept << " and is " << value.value_or("not there");
    ++keys;
  }
  const nlohmann::json usage = server_.usage();
  const auto seen = usage.at("calls_today").get<std::int64_t>();
  const int deaths = server_.deaths();
  const std::int64_t charged = client->usage()->calls_today;
  std::printf(
      "%d kills, %d deaths of the platform after a change was applied: %d keys as kept, %lld calls "
      "seen by the platform, %lld charged\n",
      kills, deaths, keys, static_cast<long long>(seen), static_cast<long long>(charged));
  EXPECT_EQ(keys, kSlots * 5);
  EXPECT_GE(deaths, kills / 5);
  EXPECT_GE(charged, seen);
  // A call is charged and never seen when it is cut off on its way: by a kill, or by a death of the
  // platform, which cuts off all three connections.
  EXPECT_LE(charged, seen + kills + 3 * deaths);
  // The fourth connection at once would have been refused.
  EXPECT_EQ(usage.at("refused"), 0);
}

}  // namespace
}  // namespace weir
