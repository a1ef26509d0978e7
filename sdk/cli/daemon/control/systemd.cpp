#include "daemon/control/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

namespace weir::daemon {
namespace {

std::string taken(const char* variable) {
  const char* value = std::getenv(variable);
  std::string text = value != nullptr ? value : "";
  ::unsetenv(variable);
  return text;
}

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stopped != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string in_one_line(std::string text) {
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

}  // namespace

Systemd Systemd::from_environment() {
  Systemd systemd;
  systemd.socket_ = taken("NOTIFY_SOCKET");
  const auto microseconds = number_of(taken("WATCHDOG_USEC"));
  const auto process = number_of(taken("WATCHDOG_PID"));
  if (microseconds && *microseconds > 0 && (!process || *process == ::getpid()))
    systemd.watchdog_ = Milliseconds{*microseconds / 1000};
  return systemd;
}

void Systemd::ready(const std::string& status) const {
  tell("READY=1\nSTATUS=" + in_one_line(status));
}

void Systemd::reloading() const {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void Systemd::stopping(Milliseconds at_most) const {
  tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(at_most.count() * 1000));
}

void Systemd::status(const std::string& text) const { tell("STATUS=" + in_one_line(text)); }

void Systemd::alive() const { tell("WATCHDOG=1"); }

// What cannot be told is no failure of the service.
void Systemd::tell(const std::string& datagram) const {
  sockaddr_un address = {};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // The name of an abstract socket begins with a NUL.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  static_cast<void>(::sendto(descriptor, datagram.data(), datagram.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
  ::close(descriptor);
}

}  // namespace weir::daemon
