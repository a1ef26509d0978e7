// MockProcess: the real weir-mock-server in a process of its own that is started again at the same
// address whenever it dies, with what it had applied. Control goes over HTTP and waits for it.
#pragma once

#include <httplib.h>
#include <sched.h>
#include <sys/wait.h>

#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/free_port.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class MockProcess {
 public:
  // `program`: weir-mock-server; company 1, key "k".
  MockProcess(std::string program, std::vector<std::string> arguments)
      : program_(std::move(program)), arguments_(std::move(arguments)), port_(lasting_port()) {
    start();
    keeper_ = std::thread([this] { keep_alive(); });
  }
  ~MockProcess() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      ::kill(process_, SIGKILL);
    }
    keeper_.join();
  }
  MockProcess(const MockProcess&) = delete;
  MockProcess& operator=(const MockProcess&) = delete;

  std::string url() const { return "http://127.0.0.1:" + port_; }

  int deaths() {
    const std::lock_guard lock(mutex_);
    return deaths_;
  }

  // It dies when it has applied the next change, before it answers.
  void die_before_the_next_answer() {
    ask([](httplib::Client& client) {
      return client.Post("/_mock/faults", R"({"kind":"kill"})", "application/json");
    });
  }
  void clear_faults() {
    ask([](httplib::Client& client) { return client.Delete("/_mock/faults"); });
  }

  nlohmann::json usage() {
    return ask([](httplib::Client& client) { return client.Get("/_mock/usage"); });
  }
  std::vector<std::vector<std::string>> rows(const std::string& source) {
    return ask([&](httplib::Client& client) { return client.Get("/_mock/data-sources/" + source); })
        .at("Rows");
  }

 private:
  // Comes back when it listens.
  void start() {
    std::filesystem::remove(folder_.file("out"));
    std::vector<std::string> command = {program_,       "--port",  port_,
                                        "--company-id", "1",       "--time-zone",
                                        "UTC",          "--state", folder_.file("state.json")};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    process_ = testing::start(command, {{"WEIR_INTEGRATION_KEY", "k"}, {"TZ", "UTC"}},
                              folder_.file("out"), folder_.file("err"));
    while (!listens()) {
      siginfo_t ended = {};
      ::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT);
      ::sched_yield();
      if (ended.si_pid != process_) continue;
      // It takes requests a moment before it says so, and may have died of the next fault already.
      const bool died_of_a_fault = ended.si_code == CLD_KILLED && ended.si_status == SIGKILL;
      if (listens() || died_of_a_fault) return;
      throw std::runtime_error("weir-mock-server ended with " + std::to_string(ended.si_status) +
                               ": " + errors());
    }
  }

  bool listens() const {
    std::string line;
    std::ifstream out(folder_.file("out"));
    return std::getline(out, line) && !line.empty();
  }

  void keep_alive() {
    while (true) {
      ::waitpid(process_, nullptr, 0);
      std::unique_lock lock(mutex_);
      if (is_ending_) return;
      ++deaths_;
      start();
    }
  }

  template <class Request>
  nlohmann::json ask(const Request& request) {
    while (true) {
      httplib::Client client("127.0.0.1", std::stoi(port_));
      if (const auto answer = request(client); answer && answer->status == 200)
        return nlohmann::json::parse(answer->body);
      const std::lock_guard until_it_is_up(mutex_);
    }
  }

  std::string errors() const {
    std::ifstream file(folder_.file("err"));
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string program_;
  const std::vector<std::string> arguments_;
  const std::string port_;
  const TemporaryFolder folder_;
  std::mutex mutex_;  // held while it is down
  std::thread keeper_;
  pid_t process_ = -1;
  int deaths_ = 0;
  bool is_ending_ = false;
};

}  // namespace weir::testing
