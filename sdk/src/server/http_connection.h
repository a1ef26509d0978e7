// HttpConnection: one client's connection, as a state machine that one worker at a time moves on;
// only when it is ready, so no step waits. Others may read its phase and deadline, and shut it.
#pragma once

#include <weir/clock.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/answering.h"

namespace weir::server {

class HttpConnection {
 public:
  // kStream: the head of a stream is written, and the rest is another's: release() and stream().
  enum class Next { kRead, kWrite, kEnd, kStream };
  // kAnswering has no deadline: the handler's time is not the client's fault.
  enum class Phase { kIdle, kHead, kBody, kAnswering, kWriting, kDraining, kShut };

  // Owns the socket.
  HttpConnection(int socket, const HttpOptions& options);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // What can be done now: reads, answers, writes. Then waits for what it returns.
  Next advance(const Answering& answering);

  int socket() const { return socket_; }
  // Gives the socket away; the connection is over.
  int release() { return std::exchange(socket_, -1); }
  std::unique_ptr<HttpStream> take_stream() { return std::move(answer_.stream); }
  Phase phase() const { return phase_; }
  Milliseconds deadline() const { return Milliseconds(deadline_); }
  std::uint64_t requests() const { return requests_; }
  // The status with which the server itself refused its last request; 0: it did not.
  int refused_with() const { return refused_with_; }
  bool was_late() const { return was_late_; }

  // Whether its time is over. What has come and waits for a worker is not late.
  bool is_overdue() const;
  // Ends it from outside: whoever waits for it is told by the system.
  void shut();
  // From now on each answer is the last.
  void answer_only_once_more() { is_last_ = true; }

 private:
  Next go_on(const Answering& answering);
  Next answer_heads(const Answering& answering);
  bool begin(const Answering& answering, std::string_view head);
  Next take_body(const Answering& answering);
  Next wait_for_more();
  void send(HttpAnswer answer);
  Next write();
  bool take_piece();
  bool is_written() const;
  Next after_writing();
  Next drain();
  void enter(Phase phase, Milliseconds limit);

  int socket_;
  const HttpOptions& options_;
  const std::string remote_address_;
  std::string in_;                         // what has come and is not answered
  std::unique_ptr<BodyToCome> body_ = {};  // of the request under way
  HttpAnswer answer_ = {};                 // what is being written
  // Of it, what has been taken and not been written: the head, and a piece in its chunk.
  std::array<std::string_view, 4> out_ = {};
  std::string chunk_size_;
  std::size_t drained_ = 0;
  int refused_with_ = 0;
  bool was_late_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::atomic<bool> is_last_ = false;
  std::atomic<Phase> phase_;
  std::atomic<Milliseconds::rep> deadline_;
};

}  // namespace weir::server
