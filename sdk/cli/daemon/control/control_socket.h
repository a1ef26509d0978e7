// The control socket of `weir run`: control.sock in the state directory, for its owner alone. One
// JSON object a line is asked, one is answered.
//
//   {"verb":"reload"}  ->  {"ok":false,"findings":["weir.toml:3:1: …"]}
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace weir::daemon {

// The path of the socket of a state directory.
std::string control_path(const std::string& state_directory);
// Why no socket can have that path; empty: one can.
std::optional<std::string> control_path_problem(const std::string& state_directory);

class ControlServer {
 public:
  // Answers a line by a line, both without their ends; by several threads at a time.
  using Answer = std::function<std::string(const std::string& question)>;

  // kStoreUnusable: the socket cannot be made. One that an earlier daemon has left is replaced: the
  // caller holds the lock of the state directory.
  static Result<ControlServer> start(const std::string& state_directory, Answer answer);

  ControlServer(ControlServer&&) noexcept;
  ControlServer& operator=(ControlServer&&) = delete;
  // Removes the socket. Waits for the answers under way.
  ~ControlServer();

 private:
  ControlServer(std::string path, int listener, int stopper, Answer answer);

  std::string path_;
  int listener_;
  int stopper_;  // becomes readable when the thread is to end
  std::jthread thread_;
};

// kUnavailable: no daemon answers for this state directory within that time. kCancelled: stopped.
Result<std::string> ask_daemon(const std::string& state_directory, const std::string& question,
                               Milliseconds patience, const std::stop_token& stopped = {});

}  // namespace weir::daemon
