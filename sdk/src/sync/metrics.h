// Metrics: what the service has done, as Prometheus text. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "server/http_server.h"

namespace weir::sync {

enum class Told { kUnchanged, kDifference, kAllRows };

// The state of a source at the moment of the question.
struct SourceGauge {
  std::string id = {};
  bool is_readable = true;
  std::int64_t changed = 0;  // Unix seconds
};

class Metrics {
 public:
  void count(int status, Milliseconds took);
  void count(Told told);

  std::string text(const std::vector<SourceGauge>& sources, std::uint64_t cache_bytes) const;

 private:
  static constexpr std::array<int, 6> kStatuses = {200, 400, 401, 404, 405, 424};
  static constexpr std::array<int, 6> kLimitsMs = {1, 10, 50, 250, 1000, 5000};

  std::array<std::atomic<std::uint64_t>, kStatuses.size() + 1> answers_ = {};
  std::array<std::atomic<std::uint64_t>, kLimitsMs.size() + 1> durations_ = {};
  std::atomic<std::uint64_t> duration_ms_ = 0;
  std::array<std::atomic<std::uint64_t>, 3> told_ = {};
};

// What the web server in front of the service has done: requests that it refused by itself, and
// connections that it ended.
std::string text_of(const server::HttpCounts& counts);

}  // namespace weir::sync
