// OriginReader: where the rows of a data source come from, as its task sees it: when it is to be
// read, and the reading.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sources/delivery.h"

namespace weir::daemon {

// When an origin wants its next turn.
struct Due {
  bool is_now = false;    // it is to be read
  bool is_retry = false;  // ... since the last reading failed, and nothing has changed since
  // Not now, but something is there that is to be read at `next`, such as a file that was still
  // being written a moment ago.
  bool is_coming = false;
  std::string warning = {};            // why that takes long; empty: it does not
  std::optional<TimePoint> next = {};  // else, when to ask again; empty: when its task is woken
};

// What a reading came to.
struct OriginReading {
  RowHandover handover = {};
  // What was refused for good while the rest went on, such as files among others.
  std::vector<Error> refused = {};
  // What failed after the rest was handed over, and is tried again.
  std::optional<Error> failed = {};
  std::string remark = {};      // worth a line of the log
  std::string warning = {};     // to be seen until the next reading
  std::int64_t reconciled = 0;  // rows that only a reconciliation has found
};

// Used by one thread at a time, that of its task.
class OriginReader {
 public:
  virtual ~OriginReader() = default;

  virtual Due due(TimePoint now) = 0;

  // Reads what is due and hands it over. kCancelled: a stop was requested. After any error it is
  // due again at once, or when something has changed; the task sees to the time between two tries.
  virtual Result<OriginReading> read(SourceDelivery& delivery, TimePoint now,
                                     const std::stop_token& stop) = 0;

  // What was held is released and kept.
  virtual void released() {}

  // What a person does about an error of read().
  virtual std::string what_to_do(const Error& error) const = 0;

 protected:
  OriginReader() = default;
  OriginReader(const OriginReader&) = default;
  OriginReader& operator=(const OriginReader&) = default;
};

// What one handing over came to.
inline Result<OriginReading> reading_of(Result<RowHandover> handover) {
  if (!handover) return handover.error();
  return OriginReading{.handover = std::move(*handover)};
}

}  // namespace weir::daemon
