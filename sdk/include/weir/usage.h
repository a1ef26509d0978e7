// What a caller sees of the org's budget: calls spent and left, connections held, and the last
// calls. Plain values.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

// One entry of the usage log.
struct CallRecord {
  TimePoint time;
  std::string method;
  std::string target;  // path and data source, never a key
  std::int64_t rows = 0;
  std::optional<int> status;  // empty: no answer came, or the call is still under way
  std::string reason;
  bool charged = true;
  std::int64_t process = 0;
};

struct Usage {
  std::string org_day;  // YYYY-MM-DD in the organization's time zone
  std::int64_t calls_today = 0;
  std::int64_t limit = 0;
  std::int64_t left = 0;  // 0 once the platform has said that the day's limit is reached
  TimePoint resets_at;
  std::optional<TimePoint> last_call_at;
  int open_connections = 0;
  // What a call must save to be worth spending, in stale row-seconds (docs/glossary.md, "price").
  double price_row_seconds = 0;
  // Newest first, at most 250, as in the platform's own View Logs.
  std::vector<CallRecord> log;
};

}  // namespace weir
