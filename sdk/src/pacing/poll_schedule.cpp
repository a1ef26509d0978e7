#include "pacing/poll_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "pacing/mean_weight.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// A surge or a lull of today ends in about a day, as far as the forecast is concerned.
constexpr double kReversion = kSecondsPerDay;
constexpr double kSecondsPerHour = 3600;
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

std::size_t PollSchedule::add(const PollNeed& need, TimePoint now, const SourceHabits& habits) {
  const std::size_t number = sources_.size();
  try {
    sources_.push_back({.need = need});
    sources_.back().need.shortest = std::max(need.shortest, kShortest);
    rates_.add(now, habits);
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
  if (!sources_[source].is_polled) return;
  const std::optional<Due> next = due(source, price_, now);
  queue_.set(source, next ? std::optional(next->at) : std::nullopt);
}

std::optional<PollSchedule::Due> PollSchedule::due(std::size_t number, double price,
                                                   TimePoint now) const {
  const Source& source = sources_[number];
  std::optional<Due> next = due_by_pace(number, price, now);
  if (next && source.hinted_at)
    next = Due{.at = *source.hinted_at, .limited_by = LimitedBy::kConnection};
  if (next && source.rests_until > next->at)
    next = Due{.at = source.rests_until, .limited_by = LimitedBy::kRest};
  return next;
}

// When all goes well and nobody hints.
std::optional<PollSchedule::Due> PollSchedule::due_by_pace(std::size_t number, double price,
                                                           TimePoint now) const {
  const Source& source = sources_[number];
  if (!std::isfinite(price)) return std::nullopt;
  const double last = rates_.last_look(number);
  const double worth = price * static_cast<double>(source.calls) /
                       (source.need.weight * rates_.rate(number, seconds(now)));
  const double latest = last + longest_of(source.need);
  const double at = rates_.profile(number).when_stale_for(last, worth, latest);
  const TimePoint soonest = time_point(last) + source.need.shortest;
  if (time_point(at) < soonest) return Due{.at = soonest, .limited_by = LimitedBy::kShortest};
  return Due{.at = time_point(at),
             .limited_by = at < latest ? LimitedBy::kPrice : LimitedBy::kDeadline};
}

PollPace PollSchedule::pace(std::size_t source, double price, TimePoint now) const {
  PollPace pace{.rows_per_hour = rates_.rate(source, seconds(now)) * kSecondsPerHour,
                .price = price};
  if (const std::optional<Due> next = due(source, price, now)) {
    pace.next_at = next->at;
    pace.limited_by = next->limited_by;
  }
  if (const std::optional<Due> usual = due_by_pace(source, price, now)) {
    pace.interval = usual->at - time_point(rates_.last_look(source));
    pace.interval_by = usual->limited_by;
  }
  return pace;
}

// Until the end a source's rate returns from what it is now to what it usually is.
PollForecast PollSchedule::forecast(TimePoint now, TimePoint end) const {
  const double begin = seconds(now);
  const double width = std::max(0.0, seconds(end) - begin);
  const double reverted = std::exp(-width / 2 / kReversion);
  std::vector<PollForecast::Source> forecasts;
  MeanWeight weights;
  for (std::size_t number = 0; number < sources_.size(); ++number) {
    const Source& source = sources_[number];
    if (!source.is_polled) continue;
    const double hours = rates_.profile(number).root_integral(begin, begin + width);
    const double root = hours * (std::sqrt(rates_.rate_of_day(number, begin)) * reverted +
                                 std::sqrt(rates_.usual_rate(number)) * (1 - reverted));
    weights.add(source.need.weight);
    forecasts.push_back(
        {.root_integral = std::sqrt(source.need.weight / 2) * root,
         .calls = static_cast<double>(source.calls),
         .fewest = std::min(width / longest_of(source.need), width / seconds(source.need.shortest)),
         .most = width / seconds(source.need.shortest)});
  }
  return PollForecast(std::move(forecasts), weights.value());
}

}  // namespace weir::pacing
