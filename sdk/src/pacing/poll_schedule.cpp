#include "pacing/poll_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// A surge or a lull of today ends in about a day, as far as the forecast is concerned.
constexpr double kReversion = kSecondsPerDay;
// The longest a source is left alone for want of a reason.
constexpr double kLongestSeconds = 7 * kSecondsPerDay;
// Even when calls are worth nothing.
constexpr Milliseconds kShortest = std::chrono::seconds{1};

TimePoint time_point(double time) {
  return TimePoint(Milliseconds(static_cast<std::int64_t>(std::ceil(time * 1000))));
}

double longest_of(const PollNeed& need) {
  return need.longest > Milliseconds{0} ? seconds(need.longest) : kLongestSeconds;
}

}  // namespace

std::size_t PollSchedule::add(const PollNeed& need, TimePoint now, const ChangesSeen& usual) {
  const std::size_t number = sources_.size();
  try {
    sources_.push_back({.need = need});
    sources_.back().need.shortest = std::max(need.shortest, kShortest);
    rates_.add(now, usual);
    plan(number, now);
  } catch (const std::bad_alloc&) {
    // Each has as many as the other, or numbers mean nothing.
    sources_.resize(number);
    rates_.keep_sources(number);
    throw;
  }
  return number;
}

void PollSchedule::remove(std::size_t source) {
  sources_[source].is_polled = false;
  queue_.set(source, std::nullopt);
}

void PollSchedule::looked(std::size_t source, std::int64_t found, std::int64_t calls,
                          TimePoint now) {
  rates_.looked(source, static_cast<double>(found), now);
  sources_[source].calls = std::max<std::int64_t>(calls, 1);
  caught_up(source, now);
}

void PollSchedule::caught_up(std::size_t source, TimePoint now) {
  rates_.caught_up(source, now);
  sources_[source].hinted_at.reset();
  sources_[source].rests_until = {};
  plan(source, now);
}

void PollSchedule::rest(std::size_t source, TimePoint until, TimePoint now) {
  sources_[source].rests_until = until;
  plan(source, now);
}

void PollSchedule::hint(std::size_t source, TimePoint now) {
  sources_[source].hinted_at = now;
  plan(source, now);
}

void PollSchedule::set_price(double price, TimePoint midnight, TimePoint now) {
  price_ = price;
  rates_.renew(midnight);
  for (std::size_t source = 0; source < sources_.size(); ++source) plan(source, now);
}

std::optional<NextLook> PollSchedule::next() const {
  const auto first = queue_.first();
  if (!first) return std::nullopt;
  return NextLook{.source = first->second, .due = first->first};
}

void PollSchedule::plan(std::size_t source, TimePoint now) {
  if (sources_[source].is_polled) queue_.set(source, due(source, now));
}

std::optional<TimePoint> PollSchedule::due(std::size_t number, TimePoint now) const {
  const Source& source = sources_[number];
  if (!std::isfinite(price_)) return std::nullopt;
  if (source.hinted_at) return std::max(*source.hinted_at, source.rests_until);
  const double last = rates_.last_look(number);
  const double worth = price_ * static_cast<double>(source.calls) /
                       (source.need.weight * rates_.rate(number, seconds(now)));
  const double due = rates_.shape().when_stale_for(last, worth, last + longest_of(source.need));
  return std::max({time_point(due), time_point(last) + source.need.shortest, source.rests_until});
}

// Until the end a source's rate returns from what it is now to what it usually is.
PollForecast PollSchedule::forecast(TimePoint now, TimePoint end) const {
  const double begin = seconds(now);
  const double width = std::max(0.0, seconds(end) - begin);
  const double all = rates_.shape().root_integral(begin, begin + width);
  const double still_as_now = all * std::exp(-width / 2 / kReversion);
  std::vector<PollForecast::Source> forecasts;
  for (std::size_t number = 0; number < sources_.size(); ++number) {
    const Source& source = sources_[number];
    if (!source.is_polled) continue;
    const double root = std::sqrt(rates_.rate(number, begin)) * still_as_now +
                        std::sqrt(rates_.usual_rate(number)) * (all - still_as_now);
    forecasts.push_back(
        {.root_integral = std::sqrt(source.need.weight / 2) * root,
         .calls = static_cast<double>(source.calls),
         .fewest = std::min(width / longest_of(source.need), width / seconds(source.need.shortest)),
         .most = width / seconds(source.need.shortest)});
  }
  return PollForecast(std::move(forecasts));
}

}  // namespace weir::pacing
