// What systemd is told of a service of Type=notify: datagrams to the socket that it names in
// NOTIFY_SOCKET (sd_notify(3)). Without that variable nothing is sent. Thread-safe.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <string>

namespace weir::daemon {

class Systemd {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment:
  // what this process starts must not speak for it. To be called before threads are begun.
  static Systemd from_environment();

  void ready(const std::string& status) const;
  void reloading() const;
  void stopping(Milliseconds at_most) const;
  void status(const std::string& text) const;
  void alive() const;

  // How often alive() is expected; empty: never.
  std::optional<Milliseconds> watchdog() const { return watchdog_; }

 private:
  void tell(const std::string& datagram) const;

  std::string socket_;
  std::optional<Milliseconds> watchdog_;
};

}  // namespace weir::daemon
