#include "pacing/poll_rates.h"

#include <algorithm>
#include <cmath>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// How long each factor remembers, and how much evidence it takes to believe in it: chosen on
// recorded and on synthetic mixes (docs/polling.md, docs/adr/0014).
constexpr double kUsualForget = 3 * kSecondsPerDay;
constexpr double kUsualDoubtSeconds = 1800;
constexpr double kUsualDoubtMost = 3;
constexpr double kCommonForget = 3600;
constexpr double kCommonDoubtEvents = 5;
constexpr double kBurstForget = 3 * 3600;
constexpr double kBurstDoubtEvents = 0.1;
constexpr double kHabitForget = 10 * kSecondsPerDay;

// An event of a source of which nothing is known may have so many rows, believed as much as so many
// sources.
constexpr double kFirstEventRows = 20;
constexpr double kFirstEventSources = 3;
// Before anything is known: a row an hour, in events, believed as much as so many that were found.
constexpr double kFirstRate = 1.0 / 3600 / kFirstEventRows;
constexpr double kFirstRateEvents = 0.5;
// A silent source may still change: one row in four days, and not looked at less than so much of
// what the others are.
constexpr double kLeastRate = 0.25 / kSecondsPerDay;
constexpr double kLeastShare = 0.01;
constexpr double kShrinkDoubtEvents = 2;
// How alike the sources are, before that is known and at the least and the most.
constexpr double kAlikeDoubtEvents = 1;
constexpr double kLeastAlike = 0.05;
constexpr double kMostAlike = 1.5;

// After an event there may be none for a while.
constexpr double kRestAfter = 0.65;
constexpr double kRestDoubt = 0.2;
constexpr double kRestMost = 3;
constexpr double kRestSpacing = 0.6;
constexpr double kRestShortest = 600;
constexpr double kRestLongest = 16.0 * 3600;

// What is believed before there is evidence, and what evidence can reach.
constexpr double kBurstBelief = 3;
constexpr double kRestBelief = -2;
constexpr double kMostEvidence = 6;
constexpr double kMostCommonEvidence = 3;
// A look that found many must not prove everything.
constexpr double kMostEventsOfALook = 3;

void fade(ChangesSeen& seen, double seconds, double forget_seconds) {
  const double kept = std::exp(-seconds / forget_seconds);
  seen.found *= kept;
  seen.expected *= kept;
}

void gather(ChangesSeen& seen, double found, double expected) {
  seen.found += found;
  seen.expected += expected;
}

void gather(double& evidence, double gained, double kept, double most) {
  evidence = std::clamp(evidence * kept + gained, -most, most);
}

// How much more likely a factor has made what was found: events of a Poisson process, of which
// `expected` were expected without it.
double likelihood(double factor, double events, double expected) {
  return events * std::log(factor) - expected * (factor - 1);
}

double rest_forget(double events_per_second) {
  return std::clamp(kRestSpacing / events_per_second, kRestShortest, kRestLongest);
}

double share(double evidence) { return 1 / (1 + std::exp(-evidence)); }

}  // namespace

PollRates::PollRates()
    : average_events_(kFirstRate),
      average_event_rows_(kFirstEventRows),
      equal_rate_(kFirstRate * kFirstEventRows) {}

std::size_t PollRates::add(TimePoint now, const SourceHabits& habits) {
  sources_.push_back({.last_look = seconds(now), .habits = habits});
  if (habits.usual.expected > 0) average();
  return sources_.size() - 1;
}

CommonHabits PollRates::common_habits() const {
  return {.hours = shape_.seen(),
          .this_hour = common_,
          .this_hour_at = common_at_,
          .evidence = evidence_};
}

void PollRates::recall(const CommonHabits& habits) {
  shape_.recall(habits.hours);
  common_ = habits.this_hour;
  common_at_ = habits.this_hour_at;
  evidence_ = habits.evidence;
}

void PollRates::looked(std::size_t number, double found, TimePoint now) {
  Source& source = sources_[number];
  SourceHabits& habits = source.habits;
  const double time = seconds(now);
  const double width = time - source.last_look;
  // A clock that was set back teaches nothing.
  if (width <= 0) return caught_up(number, now);
  // First of all: what was found says itself whether it is one event or many.
  learn(habits.events, {.found = found, .width = width});
  const double events = found / event_rows(habits);
  const double usual = usual_events(habits);
  const double shaped = profile(habits).integral(source.last_look, time);
  const double expected = usual * shaped * common_factor(time);
  weigh(source, time, {.found = events, .expected = expected});

  fade(common_, std::max(0.0, time - common_at_), kCommonForget);
  gather(common_, events, usual * shaped);
  common_at_ = time;
  fade(habits.burst, width, kBurstForget);
  gather(habits.burst, events, expected);
  habits.rest = std::min(kRestMost, habits.rest * std::exp(-width / rest_forget(usual)) + events);
  fade(habits.usual, width, kUsualForget);
  gather(habits.usual, found, shaped);
  learn(habits.hours, shape_.profile(), source.last_look, time,
        {.found = events, .expected = usual * width});
  shape_.learn(source.last_look, time, events, usual, sources_.size());
  source.last_look = time;
}

// Which factors would have told what a look has seen.
void PollRates::weigh(Source& source, double time, const ChangesSeen& seen) {
  const double counted = kMostEventsOfALook / std::max(kMostEventsOfALook, seen.found);
  FactorEvidence gained = {
      .burst = counted * likelihood(burst_factor(source, time), seen.found, seen.expected),
      .rest = counted * likelihood(rest_factor(source, time), seen.found, seen.expected)};
  if (source.habits.hours.is_known()) {
    const DayProfile own(shape_.profile().midnight(), source.habits.hours.busy);
    const double by_own = own.integral(source.last_look, time);
    const double by_all = shape_.profile().integral(source.last_look, time);
    gained.hours =
        counted * likelihood(by_own / by_all, seen.found, usual_events(source.habits) * by_all);
  }
  const double kept = std::exp(-(time - source.last_look) / kHabitForget);
  const double common_kept = std::pow(kept, 1 / static_cast<double>(sources_.size()));
  for (const auto part : {&FactorEvidence::hours, &FactorEvidence::burst, &FactorEvidence::rest}) {
    gather(source.habits.evidence.*part, gained.*part, kept, kMostEvidence);
    gather(evidence_.*part, gained.*part, common_kept, kMostCommonEvidence);
  }
}

void PollRates::caught_up(std::size_t number, TimePoint now) {
  Source& source = sources_[number];
  const double width = std::max(0.0, seconds(now) - source.last_look);
  fade(source.habits.burst, width, kBurstForget);
  source.habits.rest *= std::exp(-width / rest_forget(usual_events(source.habits)));
  source.last_look = seconds(now);
}

void PollRates::renew(TimePoint midnight) {
  shape_.set_midnight(seconds(midnight));
  shape_.renew();
  for (Source& source : sources_) pacing::renew(source.habits.hours, shape_.profile());
  average();
}

void PollRates::average() {
  double logarithms = kFirstEventSources * std::log(kFirstEventRows);
  double known = kFirstEventSources;
  for (const Source& source : sources_) {
    const double size = event_rows(source.habits);
    const double events = source.habits.events.rows / size;
    const double weight = events / (events + 1);
    logarithms += weight * std::log(size);
    known += weight;
  }
  average_event_rows_ = std::exp(logarithms / known);
  ChangesSeen all{.found = kFirstRateEvents, .expected = kFirstRateEvents / kFirstRate};
  for (const Source& source : sources_)
    gather(all, source.habits.usual.found / event_rows(source.habits),
           source.habits.usual.expected);
  average_events_ = all.found / all.expected;
  alike_ = how_alike();
  if (sources_.empty()) return;
  double roots = 0;
  for (const Source& source : sources_)
    roots += std::sqrt(usual_events(source.habits) * event_rows(source.habits));
  const double root = roots / static_cast<double>(sources_.size());
  equal_rate_ = root * root;
}

// The shape of a Gamma distribution of rates of which the sources' events tell: the less they
// differ beyond chance, the larger.
double PollRates::how_alike() const {
  double squares = kAlikeDoubtEvents;
  double beyond_chance = 0;
  for (const Source& source : sources_) {
    const double expected = average_events_ * source.habits.usual.expected;
    const double more = source.habits.usual.found / event_rows(source.habits) - expected;
    squares += expected * expected;
    beyond_chance += more * more - expected;
  }
  const double shape = squares / (std::max(beyond_chance, 0.0) + kAlikeDoubtEvents);
  return std::clamp(shape, kLeastAlike, kMostAlike);
}

double PollRates::rate(std::size_t number, double now) const {
  const Source& source = sources_[number];
  const double recent =
      recent_factor(source.habits, burst_factor(source, now), rest_factor(source, now));
  return std::max(kLeastRate, shrunk_rate(source.habits) * common_factor(now) * recent);
}

double PollRates::rate_of_day(std::size_t number, double now) const {
  const Source& source = sources_[number];
  const double recent = recent_factor(source.habits, burst_factor(source, now), 1);
  return std::max(kLeastRate, shrunk_rate(source.habits) * common_factor(now) * recent);
}

double PollRates::usual_rate(std::size_t source) const {
  return std::max(kLeastRate, shrunk_rate(sources_[source].habits));
}

double PollRates::event_rows(const SourceHabits& habits) const {
  return rows_of(habits.events, average_event_rows_);
}

double PollRates::usual_events(const SourceHabits& habits) const {
  const double size = event_rows(habits);
  const double doubt = kUsualDoubtSeconds * std::min(std::sqrt(size), kUsualDoubtMost);
  return (habits.usual.found / size + doubt * average_events_) / (habits.usual.expected + doubt);
}

// The less is known, the more it is looked at like the others; where these are unlike each other, a
// silent one is sooner believed to be silent.
double PollRates::shrunk_rate(const SourceHabits& habits) const {
  const double size = event_rows(habits);
  const double evidence = average_events_ * habits.usual.expected + habits.usual.found / size;
  const double weight = evidence / (evidence + kShrinkDoubtEvents * alike_);
  const double rate =
      std::pow(usual_events(habits) * size, weight) * std::pow(equal_rate_, 1 - weight);
  return std::max(rate, kLeastShare * equal_rate_);
}

double PollRates::common_factor(double now) const {
  ChangesSeen faded = common_;
  fade(faded, std::max(0.0, now - common_at_), kCommonForget);
  return (faded.found + kCommonDoubtEvents) / (faded.expected + kCommonDoubtEvents);
}

double PollRates::burst_factor(const Source& source, double now) const {
  ChangesSeen faded = source.habits.burst;
  fade(faded, std::max(0.0, now - source.last_look), kBurstForget);
  const double doubt = kBurstDoubtEvents * std::sqrt(event_rows(source.habits));
  return (faded.found + doubt) / (faded.expected + doubt);
}

double PollRates::rest_factor(const Source& source, double now) const {
  const double elapsed = std::max(0.0, now - source.last_look);
  const double kept = std::exp(-elapsed / rest_forget(usual_events(source.habits)));
  return kRestAfter / (kRestDoubt + source.habits.rest * kept);
}

double PollRates::recent_factor(const SourceHabits& habits, double burst, double rest) const {
  const double by_burst = std::exp(kBurstBelief + habits.evidence.burst + evidence_.burst);
  const double by_rest = std::exp(kRestBelief + habits.evidence.rest + evidence_.rest);
  return (1 + burst * by_burst + rest * by_rest) / (1 + by_burst + by_rest);
}

DayProfile PollRates::profile(const SourceHabits& habits) const {
  if (!habits.hours.is_known()) return shape_.profile();
  return shape_.profile().mixed(habits.hours.busy, share(habits.evidence.hours + evidence_.hours));
}

}  // namespace weir::pacing
