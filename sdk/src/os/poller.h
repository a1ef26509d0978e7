// Poller: which of many sockets can be read or written, for several threads that wait together. A
// socket is handed to one thread, and to nobody else until that thread arms it again. Thread-safe.
#pragma once

#include <weir/clock.h>

#include <atomic>
#include <cstdint>

namespace weir::os {

enum class Interest { kRead, kWrite };

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // From now on wait() hands out `owner` when the socket can be read. Closing it ends that.
  // False when the system refuses.
  bool add(int socket, void* owner) const;
  // wait() hands it out no more; who has it from there may close it, or add it elsewhere.
  void remove(int socket) const;
  bool arm(int socket, void* owner, Interest interest) const;

  // The owner of a socket that is ready; null when `longest` has passed or after wake_all().
  void* wait(Milliseconds longest) const;
  // All threads that wait, and all that will, go on at once.
  void wake_all() const;

 private:
  // What a thread did before it handed a socket over has happened for the one that gets it. The
  // system sees to that, but the language does not know of it.
  mutable std::atomic<std::uint64_t> handed_over_ = 0;
  int poll_ = -1;
  int wake_ = -1;
};

}  // namespace weir::os
