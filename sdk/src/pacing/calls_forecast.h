// CallsForecast: how many calls a shadow will make from now, or from later on, until the org day
// ends.
//
// Each past day of the organization is replayed from this time of day on and corrected by how busy
// today is against it: since midnight, which is believed the more the longer that is ago and stays,
// and over the last two hours beyond that, which fades. A day that was unlike today counts little,
// the same day of the week much. Mixed in: the rate of the last two hours under a mild daily wave.
// On the first day there is only that rate, which gives way to that of the whole day so far. Pure;
// not thread-safe.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <vector>

#include "pacing/call_history.h"

namespace weir::pacing {

// When an org day begins and ends.
struct OrgDay {
  TimePoint begin;
  TimePoint end;
};

class CallsForecast {
 public:
  CallsForecast(const CallHistory& history, std::int64_t calls_per_day)
      : history_(history), calls_per_day_(static_cast<double>(calls_per_day)) {}

  // `days`: today, yesterday, and so on, as far back as the history may reach.
  double until_midnight(std::size_t shadow, TimePoint now, const std::vector<OrgDay>& days) const {
    return until_midnight(shadow, now, now, days);
  }

  // Of them, those from a later moment on, as of now.
  double until_midnight(std::size_t shadow, TimePoint now, TimePoint from,
                        const std::vector<OrgDay>& days) const;

 private:
  // A part of today, and how many slots earlier a past day had the same time of day.
  struct Slots {
    std::int64_t begin;
    std::int64_t end;
    std::int64_t back;
  };
  // Logarithms of how much busier today is, lastingly and just now beyond that.
  struct Trend {
    double level;
    double surge;
  };

  double like_day(std::size_t shadow, TimePoint now, TimePoint from, const Slots& rest,
                  const Trend& trend) const;
  double like_recently(std::size_t shadow, TimePoint now, TimePoint from,
                       const OrgDay& today) const;
  double like_so_far(std::size_t shadow, TimePoint now, TimePoint from, const OrgDay& today) const;
  Slots known(std::int64_t slot, std::int64_t window) const;
  double rate(std::size_t shadow, const Slots& seen, double hour, double assumed,
              double over) const;
  double log_ratio(std::size_t shadow, std::int64_t slot, std::int64_t offset,
                   std::int64_t window) const;

  const CallHistory& history_;
  const double calls_per_day_;
};

}  // namespace weir::pacing
