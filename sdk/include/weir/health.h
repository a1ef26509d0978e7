// The state of a client as its program sees it: the last success, the last failure, and the rests
// with their reason and end. Plain values.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>
#include <weir/usage.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// The state of one data source that is sent, or of one poll, in this process.
struct HealthPart {
  std::string name;      // of the data source or form
  bool is_poll = false;  // otherwise a data source that is sent
  std::optional<TimePoint> last_success;
  // Empty once it works again.
  std::optional<Error> failure;
  std::optional<TimePoint> failed_at;
  // It is tried again then; empty: it does not rest.
  std::optional<TimePoint> rests_until;
};

struct Health {
  // When the platform last answered a call with a success, whichever process made it.
  std::optional<TimePoint> last_success;
  // The last failure of this client's own work, such as a store that cannot be read.
  // Stays, with its time, when all is well again.
  std::optional<Error> last_failure;
  std::optional<TimePoint> last_failure_at;
  // By name; a data source ahead of the poll of its name. Those at which this client was at work.
  std::vector<HealthPart> parts;
  // The data sources that rest since trying again will hardly help, over all processes.
  std::vector<HaltedSource> halted;
  // Whether the org day follows the platform's clock; before its first answer, the local one.
  bool clock_is_observed = false;
  // The platform has said that today's limit is reached.
  bool day_is_closed = false;

  // Nothing rests, and the last step of everything worked.
  bool is_well() const {
    if (!halted.empty() || day_is_closed) return false;
    return std::none_of(parts.begin(), parts.end(),
                        [](const HealthPart& part) { return part.failure.has_value(); });
  }
};

}  // namespace weir::inline v0
