// StopEvent: a descriptor that becomes readable when a stop is asked for, to be waited for beside
// others.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <stop_token>

namespace weir::cli {

class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        callback_(stop, Signal{descriptor_}) {}
  ~StopEvent() { ::close(descriptor_); }
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  struct Signal {
    int descriptor;
    void operator()() const { ::eventfd_write(descriptor, 1); }
  };

  const int descriptor_;
  const std::stop_callback<Signal> callback_;
};

}  // namespace weir::cli
