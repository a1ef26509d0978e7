// PollRates: how fast the rows of each polled source change, learned from what the looks find.
//
// It is not rows that come at random, but what changes them: a look that found a reload of 3,000
// rows has seen one event (pacing/event_size.h). A source's rate is its usual one, in events, times
// how many rows an event holds, how busy all sources are in this hour, its hours of the day
// (pacing/own_hours.h), and what its last events say: that more follow, or that there will be none
// for a while. Each factor meets its observations and forgets them with time, and one that does not
// tell what comes loses its weight. A source of which little is known is looked at like the others,
// and a floor keeps silent sources from being forgotten. Not thread-safe.
#pragma once

#include <weir/clock.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "pacing/day_shape.h"
#include "pacing/poll_habits.h"

namespace weir::pacing {

class PollRates {
 public:
  PollRates();

  // A new source, which is taken to be known as it is at `now`; `habits` is what an earlier program
  // has learned of it. Returns its number.
  std::size_t add(TimePoint now, const SourceHabits& habits = {});

  // Forgets those that were added after the first so many, if there are any.
  void keep_sources(std::size_t count) { sources_.resize(std::min(count, sources_.size())); }

  const SourceHabits& habits(std::size_t source) const { return sources_[source].habits; }
  CommonHabits common_habits() const;

  // What an earlier program has learned of all.
  void recall(const CommonHabits& habits);

  // The source has been looked at, and so many rows have changed since it was last.
  void looked(std::size_t number, double found, TimePoint now);

  // The source is known as it is at `now`, and nothing is to be learned from it.
  void caught_up(std::size_t number, TimePoint now);

  // Takes what was learned into account; to be called about once a minute.
  void renew(TimePoint midnight);

  // Rows a second in an hour of average business: as things stand at `now`, as they are expected to
  // stand for the rest of the day, and in the long run.
  double rate(std::size_t number, double now) const;
  double rate_of_day(std::size_t number, double now) const;
  double usual_rate(std::size_t source) const;

  // The rows that one event holds.
  double event_rows(std::size_t source) const { return event_rows(sources_[source].habits); }

  double last_look(std::size_t source) const { return sources_[source].last_look; }

  // Its hours of the day.
  DayProfile profile(std::size_t source) const { return profile(sources_[source].habits); }

 private:
  struct Source {
    double last_look = 0;
    SourceHabits habits = {};
  };

  void average();
  double how_alike() const;
  double event_rows(const SourceHabits& habits) const;
  double usual_events(const SourceHabits& habits) const;
  double shrunk_rate(const SourceHabits& habits) const;
  double common_factor(double now) const;
  double burst_factor(const Source& source, double now) const;
  double rest_factor(const Source& source, double now) const;
  double recent_factor(const SourceHabits& habits, double burst, double rest) const;
  DayProfile profile(const SourceHabits& habits) const;

  void weigh(Source& source, double time, const ChangesSeen& seen);

  std::vector<Source> sources_;
  ChangesSeen common_;
  double common_at_ = 0;
  FactorEvidence evidence_;
  // Of all sources together: events a second and source, rows an event, and the rate at which all
  // would be looked at alike.
  double average_events_;
  double average_event_rows_;
  double equal_rate_;
  double alike_ = 1;
  DayShape shape_;
};

}  // namespace weir::pacing
