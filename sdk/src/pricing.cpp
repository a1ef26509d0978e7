#include "pricing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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
  pacer_.sent(source, seams_.clock->now());
}

Result<void> Pricing::look_at(const std::vector<outbox::PendingSource>& waiting) {
  std::lock_guard lock(mutex_);
  const TimePoint now = seams_.clock->now();
  learn_noted();
  pacer_.set_waiting(waiting, now);
  const bool is_fresh =
      solved_at_ && now >= *solved_at_ &&
      (is_fixed() || (now < *solved_at_ + pacing::kRepriceEvery && now < today_.end));
  return is_fresh ? Result<void>{} : solve(now);
}

std::optional<TimePoint> Pricing::due_of(const std::string& source) const {
  std::lock_guard lock(mutex_);
  return pacer_.due_of(source);
}

bool Pricing::is_forced(const std::string& source) const {
  std::lock_guard lock(mutex_);
  return pacer_.is_forced(source);
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
                 seams_.polls(now, today_.end));
  solved_at_ = now;
  share(now);
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

Result<PollPrice> Pricing::for_polls() {
  std::lock_guard lock(mutex_);
  const TimePoint now = seams_.clock->now();
  learn_noted();
  if (!is_fixed()) {
    if (Result<void> solved = solve(now); !solved) return solved.error();
    return PollPrice{.row_seconds = pacer_.price(), .day = today_};
  }
  // The price that was set is that of pushes; polls live on what is left.
  const Result<budget::DayLeft> left = seams_.ledger.day_left();
  if (!left) return left.error();
  ahead_ = left->clock_ahead;
  today_ = org_day(now);
  const double price = seams_.polls(now, today_.end).price_for(static_cast<double>(left->calls));
  return PollPrice{.row_seconds = price, .day = today_};
}

Result<double> Pricing::shown() {
  std::lock_guard lock(mutex_);
  if (is_fixed()) return *fixed_;
  const TimePoint now = seams_.clock->now();
  if (solved_at_ && now - *solved_at_ < kShownFor) return pacer_.price();
  const Result<std::optional<KeptPrice>> kept = memory_.price();
  if (!kept) return kept.error();
  if (*kept && now - (*kept)->solved_at < kShownFor) return (*kept)->row_seconds;
  if (Result<void> loaded = load(now); !loaded) return loaded.error();
  const Result<budget::DayLeft> left = seams_.ledger.day_left();
  if (!left) return left.error();
  pacer_.reprice(now, {.calls = left->calls}, seams_.polls(now, org_day(now).end));
  return pacer_.price();
}

}  // namespace weir
