// PendingSource: what waits for one data source, as the push schedule needs it. A plain value.
#pragma once

#include <cstdint>
#include <string>

namespace weir::outbox {

struct PendingSource {
  std::string source = {};
  std::int64_t stale_rows = 0;
  // Sum over the stale rows of the time, in milliseconds since 1970, since which each is stale.
  std::int64_t stale_since_sum_ms = 0;
  // The earliest of these times.
  std::int64_t oldest_stale_since_ms = 0;
  // The latest of them; ahead of the clock when that was set back.
  std::int64_t newest_stale_since_ms = 0;
  bool replace_next = false;

  bool operator==(const PendingSource&) const = default;
};

}  // namespace weir::outbox
