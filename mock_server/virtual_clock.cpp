#include "virtual_clock.h"

#include <date/date.h>

#include <sstream>

namespace weir::mock {

VirtualClock::VirtualClock()
    : base_(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())),
      real_base_(std::chrono::steady_clock::now()) {}

Instant VirtualClock::now() const {
  std::lock_guard lock(mutex_);
  return now_locked();
}

double VirtualClock::rate() const {
  std::lock_guard lock(mutex_);
  return rate_;
}

void VirtualClock::set(Instant now) {
  std::lock_guard lock(mutex_);
  rebase(now);
}

void VirtualClock::advance(std::chrono::microseconds by) {
  std::lock_guard lock(mutex_);
  rebase(now_locked() + by);
}

void VirtualClock::set_rate(double rate) {
  std::lock_guard lock(mutex_);
  rebase(now_locked());
  rate_ = rate;
}

Instant VirtualClock::now_locked() const {
  const std::chrono::duration<double> real = std::chrono::steady_clock::now() - real_base_;
  return base_ + std::chrono::duration_cast<std::chrono::microseconds>(real * rate_);
}

void VirtualClock::rebase(Instant now) {
  base_ = now;
  real_base_ = std::chrono::steady_clock::now();
}

std::optional<Instant> parse_instant(std::string_view text) {
  for (const char* format : {"%FT%TZ", "%FT%T%Ez"}) {
    std::istringstream in{std::string(text)};
    Instant instant;
    in >> date::parse(format, instant);
    if (!in.fail() && in.peek() == std::istringstream::traits_type::eof()) return instant;
  }
  return std::nullopt;
}

std::string format_instant(Instant instant) { return date::format("%FT%T", instant) + "0Z"; }

std::string format_http_date(Instant instant) {
  return date::format("%a, %d %b %Y %T GMT", std::chrono::floor<std::chrono::seconds>(instant));
}

}  // namespace weir::mock
