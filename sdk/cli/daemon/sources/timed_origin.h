// TimedOrigin: an origin that is read at times: at the start, then by a timetable. What failed is
// tried again before its next time. Never two runs at once, for its task has one turn at a time.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/sources/origin_reader.h"
#include "daemon/sources/timetable.h"

namespace weir::daemon {

class TimedOrigin : public OriginReader {
 public:
  Due due(TimePoint now) final {
    // A clock that was set back would keep it waiting.
    if (begun_ && (has_read_ || *begun_ > now)) {
      begun_ = std::min(*begun_, now);
      next_ = timetable_.next(*begun_, now);
      has_read_ = false;
    }
    if (!begun_ || (next_ && *next_ <= now)) return {.is_now = true};
    if (has_failed_) return {.is_now = true, .is_retry = true};
    return {.next = next_};
  }

  Result<OriginReading> read(SourceDelivery& delivery, TimePoint now,
                             const std::stop_token& stop) final {
    begun_ = now;
    has_read_ = true;
    Result<OriginReading> reading = read_now(delivery, now, stop);
    has_failed_ = !reading || reading->failed;
    return reading;
  }

  std::string what_to_do(const Error&) const override {
    return "nothing was changed; it is tried again by itself";
  }

 protected:
  explicit TimedOrigin(Timetable timetable) : timetable_(std::move(timetable)) {}

  virtual Result<OriginReading> read_now(SourceDelivery& delivery, TimePoint now,
                                         const std::stop_token& stop) = 0;

 private:
  const Timetable timetable_;
  std::optional<TimePoint> begun_;
  std::optional<TimePoint> next_;
  bool has_read_ = false;  // and the next time is not known yet
  bool has_failed_ = false;
};

}  // namespace weir::daemon
