#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/control/control_socket.h"
#include "daemon/control/daemon_lock.h"
#include "daemon/control/systemd.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

TEST(DaemonLockTest, IsOneProcessesAndNamesIt) {
  const testing::TemporaryFolder folder;
  const std::string state = folder.file("deep/state");
  {
    const auto lock = DaemonLock::take(state);
    ASSERT_TRUE(lock) << lock.error().message;
    const auto second = DaemonLock::take(state);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kStoreBusy);
    EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().message;
  }
  EXPECT_TRUE(DaemonLock::take(state)) << "it is free once its holder has gone";
  EXPECT_FALSE(DaemonLock::take("/proc/none")) << "no folder can be made there";
  EXPECT_EQ(DaemonLock::problem("/proc/none"), std::nullopt);
  EXPECT_EQ(DaemonLock::problem(state), std::nullopt);
}

TEST(DaemonLockTest, IsAPlainFileAndNotAPipe) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("daemon.lock");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(DaemonLock::is_taken(folder.path().string()));
  EXPECT_TRUE(DaemonLock::problem(folder.path().string()));
  const auto lock = DaemonLock::take(folder.path().string());
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(lock.error().message.find(path), std::string::npos) << lock.error().message;
}

// A socket at which nobody answers.
class HangingDaemon {
 public:
  HangingDaemon(const std::string& state, int waiting)
      : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, control_path(state).c_str(), sizeof address.sun_path - 1);
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, where, sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    for (int i = 0; i < waiting; ++i) {
      clients_.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
      static_cast<void>(::connect(clients_.back(), where, sizeof address));
    }
  }
  ~HangingDaemon() {
    for (const int client : clients_) ::close(client);
    ::close(listener_);
  }

 private:
  int listener_;
  std::vector<int> clients_;
};

TEST(ControlSocketTest, AnswersALineByALineToItsOwnerAlone) {
  const testing::TemporaryFolder folder;
  const std::string state = folder.path().string();
  EXPECT_FALSE(ask_daemon(state, "?", 1s)) << "nobody is there";
  folder.write("control.sock", "another file");
  EXPECT_FALSE(ControlServer::start(state, [](const std::string&) { return ""; }));
  EXPECT_EQ(std::filesystem::file_size(control_path(state)), 12U) << "it is nobody's to remove";
  std::filesystem::remove(control_path(state));
  const HangingDaemon left_behind(state, 0);
  {
    auto server = ControlServer::start(
        state, [](const std::string& question) { return "you said " + question; });
    ASSERT_TRUE(server) << server.error().message;
    struct stat found = {};
    ASSERT_EQ(::stat(control_path(state).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
    for (const char* question : {"one", "two"})
      EXPECT_EQ(ask_daemon(state, question, 10s).value(), "you said " + std::string(question));
    const std::string large(500'000, 'x');
    EXPECT_EQ(ask_daemon(state, large, 10s).value().size(), large.size() + 9);
  }
  EXPECT_NE(::access(control_path(state).c_str(), F_OK), 0) << "the socket goes with its daemon";
}

// Such as a reload that waits for a program.
TEST(ControlSocketTest, AnAnswerThatTakesLongKeepsNobodyElseWaiting) {
  const testing::TemporaryFolder folder;
  const std::string state = folder.path().string();
  std::promise<void> begun;
  std::promise<void> other_is_answered;
  const auto server = ControlServer::start(state, [&](const std::string& question) {
    if (question == "long") {
      begun.set_value();
      other_is_answered.get_future().wait();
    }
    return question;
  });
  ASSERT_TRUE(server) << server.error().message;
  auto first = std::async(std::launch::async, [&] { return ask_daemon(state, "long", 1h); });
  begun.get_future().wait();
  const Result<std::string> other = ask_daemon(state, "other", 1h);
  other_is_answered.set_value();
  EXPECT_EQ(other.value(), "other");
  EXPECT_EQ(first.get().value(), "long");
}

// Whoever connected before waits in its queue.
TEST(ControlSocketTest, GivesUpADaemonThatHangsInTimeOrWhenStopped) {
  for (const int waiting : {0, 3}) {
    const testing::TemporaryFolder folder;
    const std::string state = folder.path().string();
    const HangingDaemon daemon(state, waiting);
    EXPECT_EQ(ask_daemon(state, "?", 20ms).error().code, ErrorCode::kUnavailable) << waiting;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(ask_daemon(state, "?", 1h, stop.get_token()).error().code, ErrorCode::kCancelled)
        << waiting;
  }
}

TEST(ControlSocketTest, SaysThatAPathIsTooLongForASocket) {
  const auto server =
      ControlServer::start("/tmp/" + std::string(120, 'x'), [](const std::string&) { return ""; });
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("shorter state_directory"), std::string::npos);
}

// The socket that systemd listens at.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~NotifySocket() { ::close(descriptor_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  std::string next() {
    char text[512];
    const ssize_t size = ::recv(descriptor_, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  const int descriptor_;
};

TEST(SystemdTest, IsToldWhatHappens) {
  const testing::TemporaryFolder folder;
  NotifySocket socket(folder.file("notify"));
  ::setenv("NOTIFY_SOCKET", folder.file("notify").c_str(), 1);
  ::setenv("WATCHDOG_USEC", "20000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const Systemd systemd = Systemd::from_environment();
  EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr) << "handlers must not speak for the daemon";
  EXPECT_EQ(systemd.watchdog(), 20s);
  systemd.ready("3 orgs,\n1,204 calls");
  EXPECT_EQ(socket.next(), "READY=1\nSTATUS=3 orgs, 1,204 calls");
  systemd.reloading();
  EXPECT_TRUE(socket.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  systemd.stopping(60s);
  EXPECT_EQ(socket.next(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=60000000");
  systemd.alive();
  EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

TEST(SystemdTest, IsNotThereForAPerson) {
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  const Systemd systemd = Systemd::from_environment();
  systemd.ready("");
  EXPECT_EQ(systemd.watchdog(), std::nullopt);
  ::setenv("WATCHDOG_USEC", "20000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Systemd::from_environment().watchdog(), std::nullopt) << "it is for another process";
}

}  // namespace
}  // namespace weir::daemon
