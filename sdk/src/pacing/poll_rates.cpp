#include "pacing/poll_rates.h"

#include <algorithm>
#include <cmath>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// How long each factor remembers, and how much evidence it takes to believe in it: chosen on the
// outage week, on thinned and reordered versions of it, and on synthetic mixes (docs/polling.md).
constexpr double kUsualForget = 3 * kSecondsPerDay;
constexpr double kUsualDoubtSeconds = 1800;
constexpr double kCommonForget = 3600;
constexpr double kCommonDoubtRows = 5;
constexpr double kOwnForget = 3 * 3600;
constexpr double kOwnDoubtRows = 0.3;

// Before anything is known: a row an hour, believed as much as two rows found.
constexpr double kFirstRate = 1.0 / 3600;
constexpr double kFirstRateRows = 2;
// A silent source may still change: one row in four days.
constexpr double kLeastRate = 0.25 / kSecondsPerDay;

void fade(ChangesSeen& seen, double seconds, double forget_seconds) {
  const double kept = std::exp(-seconds / forget_seconds);
  seen.found *= kept;
  seen.expected *= kept;
}

void gather(ChangesSeen& seen, double found, double expected) {
  seen.found += found;
  seen.expected += expected;
}

}  // namespace

PollRates::PollRates() : average_rate_(kFirstRate) {}

std::size_t PollRates::add(TimePoint now, const ChangesSeen& usual) {
  sources_.push_back({.last_look = seconds(now), .usual = usual});
  return sources_.size() - 1;
}

void PollRates::looked(std::size_t number, double found, TimePoint now) {
  Source& source = sources_[number];
  const double time = seconds(now);
  const double width = time - source.last_look;
  // A clock that was set back teaches nothing.
  if (width <= 0) return caught_up(number, now);
  const double shaped = shape_.integral(source.last_look, time);
  const double usual_rate = usual(source);
  const double common = common_factor(time);
  fade(common_, std::max(0.0, time - common_at_), kCommonForget);
  gather(common_, found, usual_rate * shaped);
  common_at_ = std::max(common_at_, time);
  fade(source.own, width, kOwnForget);
  gather(source.own, found, usual_rate * shaped * common);
  fade(source.usual, width, kUsualForget);
  gather(source.usual, found, shaped);
  shape_.learn(source.last_look, time, found, usual_rate, sources_.size());
  source.last_look = time;
}

void PollRates::caught_up(std::size_t number, TimePoint now) {
  Source& source = sources_[number];
  fade(source.own, std::max(0.0, seconds(now) - source.last_look), kOwnForget);
  source.last_look = seconds(now);
}

void PollRates::renew(TimePoint midnight) {
  shape_.set_midnight(seconds(midnight));
  shape_.renew();
  ChangesSeen all{.found = kFirstRateRows, .expected = kFirstRateRows / kFirstRate};
  for (const Source& source : sources_) gather(all, source.usual.found, source.usual.expected);
  average_rate_ = all.found / all.expected;
}

double PollRates::rate(std::size_t number, double now) const {
  const Source& source = sources_[number];
  return std::max(kLeastRate, usual(source) * common_factor(now) * own_factor(source, now));
}

double PollRates::usual_rate(std::size_t source) const {
  return std::max(kLeastRate, usual(sources_[source]));
}

double PollRates::usual(const Source& source) const {
  return (source.usual.found + kUsualDoubtSeconds * average_rate_) /
         (source.usual.expected + kUsualDoubtSeconds);
}

double PollRates::common_factor(double now) const {
  ChangesSeen faded = common_;
  fade(faded, std::max(0.0, now - common_at_), kCommonForget);
  return (faded.found + kCommonDoubtRows) / (faded.expected + kCommonDoubtRows);
}

double PollRates::own_factor(const Source& source, double now) const {
  ChangesSeen faded = source.own;
  fade(faded, std::max(0.0, now - source.last_look), kOwnForget);
  return (faded.found + kOwnDoubtRows) / (faded.expected + kOwnDoubtRows);
}

}  // namespace weir::pacing
