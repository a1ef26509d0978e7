#include "os/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace weir::os {
namespace {

// Level-triggered and once: what arrives while a thread has the socket is reported when it is
// armed.
epoll_event event_of(void* owner, std::uint32_t what) {
  epoll_event event = {};
  event.events = what;
  event.data.ptr = owner;
  return event;
}

}  // namespace

Poller::Poller() : poll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC)) {
  epoll_event event = event_of(nullptr, EPOLLIN);
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, wake_, &event);
}

Poller::~Poller() {
  ::close(wake_);
  ::close(poll_);
}

bool Poller::add(int socket, void* owner) const {
  epoll_event event = event_of(owner, EPOLLIN | EPOLLONESHOT);
  handed_over_.fetch_add(1, std::memory_order_release);
  return ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event) == 0;
}

bool Poller::arm(int socket, void* owner, Interest interest) const {
  const std::uint32_t what = interest == Interest::kRead ? EPOLLIN : EPOLLOUT;
  epoll_event event = event_of(owner, what | EPOLLONESHOT);
  handed_over_.fetch_add(1, std::memory_order_release);
  return ::epoll_ctl(poll_, EPOLL_CTL_MOD, socket, &event) == 0;
}

void Poller::remove(int socket) const {
  epoll_event event = event_of(nullptr, 0);
  ::epoll_ctl(poll_, EPOLL_CTL_DEL, socket, &event);
}

void* Poller::wait(Milliseconds longest) const {
  epoll_event event = {};
  const int ready = ::epoll_wait(poll_, &event, 1, static_cast<int>(longest.count()));
  static_cast<void>(handed_over_.load(std::memory_order_acquire));
  return ready == 1 ? event.data.ptr : nullptr;
}

void Poller::wake_all() const {
  // Never read, so it wakes everybody from now on.
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_, &one, sizeof one));
}

}  // namespace weir::os
