// PollRates: how fast the rows of each polled source change, learned from what the looks find.
//
// A source's rate is the product of what it has been for days, of how busy all sources are in this
// hour, of how busy it is itself in these hours, and of the time of day (pacing/day_shape.h). Each
// factor is the mean of a Gamma distribution that meets its observations and forgets them with
// time, so a source of which little is known behaves like the others. A floor keeps silent sources
// from being forgotten. Not thread-safe.
#pragma once

#include <weir/clock.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "pacing/day_shape.h"

namespace weir::pacing {

class PollRates {
 public:
  PollRates();

  // A new source, which is taken to be known as it is at `now`; `usual` is what an earlier program
  // has learned of it (expected: in seconds). Returns its number.
  std::size_t add(TimePoint now, const ChangesSeen& usual = {});

  // Forgets those that were added after the first so many, if there are any.
  void keep_sources(std::size_t count) { sources_.resize(std::min(count, sources_.size())); }

  // What was learned: of a source, and of the hours of the day.
  const ChangesSeen& usual_seen(std::size_t source) const { return sources_[source].usual; }
  const HoursSeen& hours_seen() const { return shape_.seen(); }

  // What an earlier program has learned of the hours.
  void recall_hours(const HoursSeen& seen) { shape_.recall(seen); }

  // The source has been looked at, and so many rows have changed since it was last.
  void looked(std::size_t number, double found, TimePoint now);

  // The source is known as it is at `now`, and nothing is to be learned from it.
  void caught_up(std::size_t number, TimePoint now);

  // Takes what was learned into account; to be called about once a minute.
  void renew(TimePoint midnight);

  // Rows a second in an hour of average business: as things stand at `now`, and in the long run.
  double rate(std::size_t number, double now) const;
  double usual_rate(std::size_t source) const;

  double last_look(std::size_t source) const { return sources_[source].last_look; }
  const DayShape& shape() const { return shape_; }

 private:
  struct Source {
    double last_look = 0;
    ChangesSeen usual = {};  // expected: in seconds
    ChangesSeen own = {};
  };

  double usual(const Source& source) const;
  double common_factor(double now) const;
  double own_factor(const Source& source, double now) const;

  std::vector<Source> sources_;
  ChangesSeen common_;
  double common_at_ = 0;
  // Of all sources together, rows a second and source.
  double average_rate_;
  DayShape shape_;
};

}  // namespace weir::pacing
