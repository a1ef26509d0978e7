// HttpConnection: one device's connection, as a state machine that one worker at a time moves on;
// only when it is ready, so no step waits. Others may read its phase and deadline, and shut it.
#pragma once

#include <weir/clock.h>

#include <array>
#include <atomic>
#include <string>
#include <string_view>

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
  bool take_piece();
  bool is_written() const;
  Next after_writing();
  Next drain();
  void enter(Phase phase, Milliseconds limit);

  const int socket_;
  const HttpOptions& options_;
  const std::string remote_address_;
  std::string in_;          // what has come and is not answered
  HttpAnswer answer_ = {};  // what is being written
  // Of it, what has been taken and not been written: the head, and a piece in its chunk.
  std::array<std::string_view, 4> out_ = {};
  std::string chunk_size_;
  std::size_t drained_ = 0;
  bool was_refused_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::atomic<bool> is_last_ = false;
  std::atomic<Phase> phase_;
  std::atomic<Milliseconds::rep> deadline_;
};

}  // namespace weir::sync
