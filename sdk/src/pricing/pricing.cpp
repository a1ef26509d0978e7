#include "pricing/pricing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pacing/seconds.h"

namespace weir {
namespace {

// A price that another process has solved is shown for so long.
constexpr Milliseconds kShownFor = 2 * pacing::kRepriceEvery;

// When the clock is all but unknown, calls are not held back for ever: they count for both days.
constexpr Milliseconds kMostDoubt = std::chrono::minutes{6};

// Nobody asks for a price: then what was noted is forgotten.
constexpr std::size_t kMostNoted = 200'000;

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

}  // namespace

Pricing::Pricing(Seams seams, pacing::PacerOptions pacing)
    : seams_(std::move(seams)), fixed_(pacing.fixed_price), memory_(seams_.database), pacer_([&] {
        pacing.org_day = [this](TimePoint time) { return org_day(time); };
        return pacing;
      }()) {}

pacing::OrgDay Pricing::org_day(TimePoint time) const {
  return {.begin = seams_.calendar.day_begin(time - ahead_) + ahead_,
          .end = seams_.calendar.next_reset(time - ahead_) + ahead_};
}

void Pricing::changed(const std::string& source, std::vector<outbox::RowChange> changes,
                      TimePoint now) {
  if (is_fixed()) return;
  std::lock_guard lock(noting_);
  if (noted_rows_ + changes.size() > kMostNoted) return;
  noted_rows_ += changes.size();
  noted_.push_back({.source = source, .changes = std::move(changes), .time = now});
}

void Pricing::learn_noted() {
  std::vector<Noted> noted;
  {
    std::lock_guard lock(noting_);
    noted.swap(noted_);
    noted_rows_ = 0;
  }
  for (const Noted& note : noted) {
    for (const outbox::RowChange& change : note.changes)
      pacer_.changed(note.source, change, note.time);
  }
}

void Pricing::sent(const std::string& source) {
  std::lock_guard lock(mutex_);
  const TimePoint now = seams_.clock->now();
  pacer_.sent(source, now);
  // What cannot be read now is at the next look.
  static_cast<void>(count_calls(now));
}

Result<void> Pricing::look_at(const std::vector<outbox::PendingSource>& waiting) {
  std::optional<std::string> news;
  {
    std::lock_guard lock(mutex_);
    if (Result<void> looked = look(waiting); !looked) return looked;
    news = news_of_deadlines();
  }
  if (news && seams_.log) seams_.log(LogLevel::kWarning, *news);
  return {};
}

// Called with mutex_ held.
Result<void> Pricing::look(const std::vector<outbox::PendingSource>& waiting) {
  const TimePoint now = seams_.clock->now();
  learn_noted();
  pacer_.set_waiting(waiting, now);
  const bool is_fresh =
      solved_at_ && now >= *solved_at_ &&
      (is_fixed() || (now < *solved_at_ + pacing::kRepriceEvery && now < today_.end));
  if (!is_fresh) return solve(now);
  // Just before a call.
  const auto push = pacer_.next(now);
  return push && push->due <= now ? count_calls(now) : Result<void>{};
}

// Calls of other processes, and those that failed, make the next one dearer too.
Result<void> Pricing::count_calls(TimePoint now) {
  if (is_fixed()) return {};
  const Result<budget::DayLeft> left = seams_.ledger.day_left();
  if (!left) return left.error();
  pacer_.have_left(left->calls, now);
  return {};
}

// Once when it begins, not each time.
std::optional<std::string> Pricing::news_of_deadlines() {
  const std::optional<double> need = pacer_.deadlines_need();
  const bool were_kept = std::exchange(deadlines_are_kept_, !need);
  if (!need || !were_kept) return std::nullopt;
  return "the deadlines of data sources take " + std::to_string(std::llround(*need)) +
         " calls until the day ends, more than are left, so they are not all kept. Lengthen them "
         "(SourceOptions::deadline, or deadline in weir.toml); weir advise tells more";
}

std::optional<TimePoint> Pricing::due_of(const std::string& source) {
  std::lock_guard lock(mutex_);
  return pacer_.due_of(source, seams_.clock->now());
}

bool Pricing::is_forced(const std::string& source) const {
  std::lock_guard lock(mutex_);
  return pacer_.is_forced(source);
}

Result<WaitReason> Pricing::why(const std::string& source,
                                const std::vector<outbox::PendingSource>& waiting) {
  std::lock_guard lock(mutex_);
  const TimePoint now = seams_.clock->now();
  learn_noted();
  pacer_.set_waiting(waiting, now);
  if (!solved_at_) {
    if (Result<void> solved = is_fixed() ? solve(now) : solve_for_show(now); !solved)
      return solved.error();
  } else if (Result<void> counted = count_calls(now); !counted) {
    return counted.error();
  }
  return pacer_.why(source, now);
}

bool Pricing::has_looked() const {
  std::lock_guard lock(mutex_);
  return solved_at_.has_value();
}

std::map<std::string, TimePoint> Pricing::sent_by(
    const std::vector<outbox::PendingSource>& waiting) {
  std::map<std::string, TimePoint> times;
  std::lock_guard lock(mutex_);
  if (!solved_at_) return times;
  const TimePoint now = seams_.clock->now();
  learn_noted();
  pacer_.set_waiting(waiting, now);
  // Without the ledger's word the last one stands.
  static_cast<void>(count_calls(now));
  for (const outbox::PendingSource& source : waiting) {
    if (const auto time = pacer_.sent_by(source.source, now)) times.emplace(source.source, *time);
  }
  return times;
}

std::optional<TimePoint> Pricing::renews_at() const {
  std::lock_guard lock(mutex_);
  if (is_fixed() || !solved_at_) return std::nullopt;
  return std::min(*solved_at_ + pacing::kRepriceEvery, today_.end);
}

// Called with mutex_ held.
Result<void> Pricing::solve(TimePoint now) {
  if (is_fixed()) {
    // What it may not spend, the ledger refuses.
    pacer_.reprice(now, {.calls = kNoLimit});
    solved_at_ = now;
    return {};
  }
  if (Result<void> loaded = load(now); !loaded) return loaded;
  const Result<budget::DayLeft> left = seams_.ledger.day_left();
  if (!left) return left.error();
  ahead_ = left->clock_ahead;
  today_ = org_day(now);
  pacer_.reprice(now, {.calls = left->calls, .doubt = std::min(left->doubt, kMostDoubt)},
                 polls_until(now, today_.end));
  if (Result<void> recalled = recall_calls(); !recalled) return recalled;
  solved_at_ = now;
  share(now);
  return {};
}

// A program that is started again in the middle of a burst goes on with it.
Result<void> Pricing::recall_calls() {
  if (has_recalled_calls_) return {};
  const Result<Usage> usage = seams_.ledger.usage();
  if (!usage) return usage.error();
  std::vector<pacing::PastCall> calls;
  for (auto call = usage->log.rbegin(); call != usage->log.rend(); ++call) {
    if (!call->charged) continue;
    const bool is_push = call->method == "PUT" && call->target.find(' ') != std::string::npos;
    calls.push_back({.source = is_push ? call->target.substr(call->target.find(' ') + 1) : "",
                     .time = call->time + ahead_,
                     .is_accepted = call->status && *call->status / 100 == 2});
  }
  pacer_.recall_calls(calls);
  has_recalled_calls_ = true;
  return {};
}

Result<void> Pricing::load(TimePoint now) {
  if (is_loaded_) return {};
  const Result<pacing::Learned> known = memory_.load(now);
  if (!known) return known.error();
  pacer_.remember(*known, now);
  is_loaded_ = true;
  return {};
}

// What cannot be kept is learned anew: nothing is sent or lost by it.
void Pricing::share(TimePoint now) {
  const Result<pacing::Learned> known =
      memory_.exchange(pacer_.take_learned(), pacer_.price(), now);
  if (known) pacer_.remember(*known, now);
}

pacing::OrgDay Pricing::today() const {
  std::lock_guard lock(mutex_);
  return org_day(seams_.clock->now());
}

// Of the last forecast what is left of its time; of a day that it does not reach into, as much.
pacing::PollForecast Pricing::polls_until(TimePoint now, TimePoint end) const {
  if (polls_until_ <= polls_from_ || end <= now)
    return pacing::PollForecast(std::vector<pacing::PollForecast::Source>());
  return polls_.share(pacing::seconds(end - now) / pacing::seconds(polls_until_ - polls_from_));
}

Result<PollPrice> Pricing::for_polls(pacing::PollForecast forecast) {
  std::lock_guard lock(mutex_);
  const TimePoint now = seams_.clock->now();
  polls_ = std::move(forecast);
  polls_from_ = now;
  polls_until_ = org_day(now).end;
  learn_noted();
  if (!is_fixed()) {
    if (Result<void> solved = solve(now); !solved) return solved.error();
    return PollPrice{.row_seconds = pacer_.price(),
                     .row_seconds_with_more_calls = pacer_.price_with(pacing::kMoreCalls, now),
                     .day = today_};
  }
  // The price that was set is that of pushes; polls live on what is left.
  const Result<budget::DayLeft> left = seams_.ledger.day_left();
  if (!left) return left.error();
  ahead_ = left->clock_ahead;
  today_ = org_day(now);
  const pacing::PollForecast until_midnight = polls_until(now, today_.end);
  const double day_left =
      pacing::seconds(today_.end - now) / pacing::seconds(today_.end - today_.begin);
  const auto calls = static_cast<double>(left->calls);
  return PollPrice{.row_seconds = until_midnight.price_for(calls),
                   .row_seconds_with_more_calls =
                       until_midnight.price_for(calls + pacing::kMoreCalls * day_left),
                   .day = today_};
}

Result<double> Pricing::shown() {
  std::lock_guard lock(mutex_);
  if (is_fixed()) return *fixed_;
  const TimePoint now = seams_.clock->now();
  if (solved_at_ && now - *solved_at_ < kShownFor) {
    // Others may have spent calls since.
    if (Result<void> counted = count_calls(now); !counted) return counted.error();
    return pacer_.price();
  }
  const Result<std::optional<KeptPrice>> kept = memory_.price();
  if (!kept) return kept.error();
  if (*kept && now - (*kept)->solved_at < kShownFor) return (*kept)->row_seconds;
  if (Result<void> solved = solve_for_show(now); !solved) return solved.error();
  return pacer_.price();
}

// Nothing of it is kept or shared.
Result<void> Pricing::solve_for_show(TimePoint now) {
  if (Result<void> loaded = load(now); !loaded) return loaded;
  const Result<budget::DayLeft> left = seams_.ledger.day_left();
  if (!left) return left.error();
  ahead_ = left->clock_ahead;
  pacer_.reprice(now, {.calls = left->calls}, polls_until(now, org_day(now).end));
  return recall_calls();
}

}  // namespace weir
