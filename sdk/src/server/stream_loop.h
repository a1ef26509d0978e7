// StreamLoop: all streams of a server, on one thread, which begins with the first of them. A stream
// costs a socket and no thread: four times a second each that has nothing under way is asked for
// its next piece, and what a client does not take at once goes on when the system says that it can.
// A slow reader holds up nobody: it is asked for no more than one piece ahead, and is ended when it
// takes nothing for a while. Thread-safe.
#pragma once

#include <weir/clock.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "os/poller.h"
#include "server/http_exchange.h"

namespace weir::server {

class StreamLoop {
 public:
  // How long a client may take nothing of what there is for it.
  StreamLoop(std::shared_ptr<Clock> clock, Milliseconds stall_time);
  ~StreamLoop();
  StreamLoop(const StreamLoop&) = delete;
  StreamLoop& operator=(const StreamLoop&) = delete;

  // From now on the socket is its own. Throws std::system_error when the system gives no thread;
  // then the socket is closed.
  void take(int socket, std::unique_ptr<HttpStream> pieces);

  std::size_t streams() const { return count_; }

  // Ends all of them, and those that come later.
  void stop();

 private:
  class Stream;

  void run();
  bool wait_for_some();
  bool take_new();
  void ask_all();
  void step(Stream& stream);
  void end(Stream& stream);

  const std::shared_ptr<Clock> clock_;
  const Milliseconds stall_time_;
  const os::Poller poller_;
  std::list<std::unique_ptr<Stream>> streams_;  // of the thread
  std::atomic<std::size_t> count_ = 0;          // of all, those that are new too

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stops_ = false;
  std::vector<std::unique_ptr<Stream>> new_;
  std::thread thread_;
};

}  // namespace weir::server
