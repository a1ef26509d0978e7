// HttpConnection: one device's connection, as a state machine that one worker at a time moves on;
// only when it is ready, so no step waits. Others may read its phase and deadline, and shut it.
#pragma once

#include <weir/clock.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "sync/http_front.h"

namespace weir::sync {

class HttpConnection {
 public:
  enum class Next { kRead, kWrite, kEnd };
  // kAnswering has no deadline: the handler's time is not the device's fault.
  enum class Phase { kIdle, kHead, kAnswering, kWriting, kDraining, kShut };

  // Owns the socket.
  HttpConnection(int socket, const HttpOptions& options);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // What can be done now: reads, answers, writes. Then waits for what it returns.
  Next advance(HttpFront& front);

  int socket() const { return socket_; }
  Phase phase() const { return phase_; }
  Milliseconds deadline() const { return Milliseconds(deadline_); }
  std::uint64_t requests() const { return requests_; }
  bool was_refused() const { return was_refused_; }

  // Ends it from outside: whoever waits for it is told by the system.
  void shut();
  // From now on each answer is the last.
  void answer_only_once_more() { is_last_ = true; }

 private:
  Next answer_heads(HttpFront& front);
  void answer_head(HttpFront& front, std::string_view head);
  void refuse(int status);
  Next write();
  Next after_writing();
  Next drain();
  void forget_written(std::size_t bytes);
  void enter(Phase phase, Milliseconds limit);

  const int socket_;
  const HttpOptions& options_;
  const std::string remote_address_;
  std::string in_;              // what has come and is not answered
  std::vector<HttpPiece> out_;  // what is not written
  std::size_t written_ = 0;     // of the first piece
  std::size_t drained_ = 0;
  bool closes_ = false;
  bool was_refused_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::atomic<bool> is_last_ = false;
  std::atomic<Phase> phase_;
  std::atomic<Milliseconds::rep> deadline_;
};

}  // namespace weir::sync
