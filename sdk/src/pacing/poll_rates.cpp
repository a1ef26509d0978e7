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

}  // namespace

PollRates::PollRates() : average_rate_(kFirstRate) {}

void PollRates::Evidence::fade(double seconds, double forget_seconds) {
  const double kept = std::exp(-seconds / forget_seconds);
  found *= kept;
  expected *= kept;
}

void PollRates::Evidence::add(double found_now, double expected_now) {
  found += found_now;
  expected += expected_now;
}

std::size_t PollRates::add(TimePoint now) {
  sources_.push_back({.last_look = seconds(now)});
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
  common_.fade(std::max(0.0, time - common_at_), kCommonForget);
  common_.add(found, usual_rate * shaped);
  common_at_ = std::max(common_at_, time);
  source.own.fade(width, kOwnForget);
  source.own.add(found, usual_rate * shaped * common);
  source.usual.fade(width, kUsualForget);
  source.usual.add(found, shaped);
  shape_.learn(source.last_look, time, found, usual_rate, sources_.size());
  source.last_look = time;
}

void PollRates::caught_up(std::size_t number, TimePoint now) {
  Source& source = sources_[number];
  source.own.fade(std::max(0.0, seconds(now) - source.last_look), kOwnForget);
  source.last_look = seconds(now);
}

void PollRates::renew(TimePoint midnight) {
  shape_.set_midnight(seconds(midnight));
  shape_.renew();
  Evidence all{.found = kFirstRateRows, .expected = kFirstRateRows / kFirstRate};
  for (const Source& source : sources_) all.add(source.usual.found, source.usual.expected);
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
  Evidence faded = common_;
  faded.fade(std::max(0.0, now - common_at_), kCommonForget);
  return (faded.found + kCommonDoubtRows) / (faded.expected + kCommonDoubtRows);
}

double PollRates::own_factor(const Source& source, double now) const {
  Evidence faded = source.own;
  faded.fade(std::max(0.0, now - source.last_look), kOwnForget);
  return (faded.found + kOwnDoubtRows) / (faded.expected + kOwnDoubtRows);
}

}  // namespace weir::pacing
