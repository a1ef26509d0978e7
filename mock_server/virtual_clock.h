// VirtualClock: the mock's time. It runs on at a rate, can be set to any instant, also back, and
// can stand still. Safe to use from several threads at once.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir::mock {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

class VirtualClock {
 public:
  VirtualClock();

  Instant now() const;
  double rate() const;

  void set(Instant now);
  void advance(std::chrono::microseconds by);
  // Virtual seconds per real second; 0 stands still.
  void set_rate(double rate);

 private:
  Instant now_locked() const;
  void rebase(Instant now);

  mutable std::mutex mutex_;
  Instant base_;
  std::chrono::steady_clock::time_point real_base_;
  double rate_ = 1;
};

// "2026-11-24T08:00:00Z", optionally with a fraction or an offset such as -08:00.
std::optional<Instant> parse_instant(std::string_view text);

// "2026-11-24T08:00:00.1234560Z": the platform's form, with seven decimals.
std::string format_instant(Instant instant);

// "Tue, 24 Nov 2026 08:00:00 GMT", for the Date header.
std::string format_http_date(Instant instant);

}  // namespace weir::mock
