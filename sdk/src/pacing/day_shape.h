// DayShape: how busy the hours of a day are against each other, learned over days from all that is
// polled.
//
// The organization's local hours, averaging 1. Before anything is learned a mild wave: the night is
// quieter than the afternoon. Times are seconds (pacing/seconds.h). A question costs at most a step
// an hour. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>

namespace weir::pacing {

// Changed rows found, against those that were expected.
struct ChangesSeen {
  double found = 0;
  double expected = 0;
};

// By the local hour of the day.
using HoursSeen = std::array<ChangesSeen, 24>;

class DayShape {
 public:
  DayShape();

  // What an earlier program has learned.
  void recall(const HoursSeen& seen);
  const HoursSeen& seen() const { return seen_; }

  // Any midnight of the organization; its hours are counted from here.
  void set_midnight(double midnight) { midnight_ = midnight; }

  // A look has found `found` changed rows that came in this time, where `expected_per_second` would
  // have come on a day without a shape. `sources`: how many are looked at in all.
  void learn(double from, double to, double found, double expected_per_second, std::size_t sources);

  // Takes what was learned into account.
  void renew();

  // The integral of the shape, and of its square root.
  double integral(double from, double to) const;
  double root_integral(double from, double to) const;

  // The time at which rows that come at `shape` a second, from `from` on, have been stale for
  // `need` seconds in sum; at most `latest`.
  double when_stale_for(double from, double need, double latest) const;

 private:
  static constexpr std::size_t kHours = std::tuple_size_v<HoursSeen>;

  std::size_t hour(double time) const;
  // The end of the hour that `time` is in.
  double hour_end(double time) const;

  double midnight_ = 0;
  HoursSeen seen_ = {};
  std::array<double, kHours> shape_ = {};
};

}  // namespace weir::pacing
