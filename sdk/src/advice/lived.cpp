#include "advice/lived.h"

#include <algorithm>
#include <utility>

#include "pacing/seconds.h"

namespace weir::advice {
namespace {

constexpr std::size_t kOf20 = 20;
constexpr std::size_t kMost = 19;  // of 20 rows wait no longer

Milliseconds most_wait(std::vector<float> waits) {
  const auto place =
      waits.begin() + static_cast<std::ptrdiff_t>((waits.size() - 1) * kMost / kOf20);
  std::nth_element(waits.begin(), place, waits.end());
  return Milliseconds(static_cast<Milliseconds::rep>(*place * 1000));
}

}  // namespace

Lived::Lived(budget::OrgCalendar calendar, Span span, DeadlineOf deadline_of)
    : calendar_(calendar),
      span_(span),
      deadline_of_(std::move(deadline_of)),
      passed_until_(span.from) {
  for (TimePoint day = span.from; day < span.to; day = calendar_.next_reset(day))
    days_[calendar_.day_of(day)] = {};
}

void Lived::pass(TimePoint to) {
  const TimePoint end = std::min(to, span_.to);
  while (passed_until_ < end) {
    const TimePoint until = std::min(end, calendar_.next_reset(passed_until_));
    days_[calendar_.day_of(passed_until_)].stale_row_seconds +=
        static_cast<double>(stale_rows_) * pacing::seconds(until - passed_until_);
    passed_until_ = until;
  }
}

Lived::Source& Lived::at(const std::string& name, TimePoint now) {
  pass(now);
  Source& source = sources_[name];
  const TimePoint from = std::max(source.summed_until, span_.from);
  const TimePoint to = std::min(now, span_.to);
  if (to > from)
    source.stale_row_seconds +=
        static_cast<double>(source.stale.size()) * pacing::seconds(to - from);
  source.summed_until = now;
  return source;
}

void Lived::changed(const std::string& name, const outbox::RowChange& change, TimePoint now) {
  Source& source = at(name, now);
  const auto [found, is_new] =
      source.stale.try_emplace(change.key, StaleRow{.platform = change.before, .since = now});
  if (is_new) {
    ++stale_rows_;
  } else if (found->second.platform == change.after) {
    source.stale.erase(found);
    --stale_rows_;
  }
}

std::int64_t Lived::sent(const std::string& name, std::span<const outbox::RowChange> rows,
                         TimePoint now) {
  Source& source = at(name, now);
  std::int64_t count = 0;
  for (const outbox::RowChange& row : rows) {
    const auto found = source.stale.find(row.key);
    if (found == source.stale.end()) continue;
    if (counts(now)) note_wait(name, source, now - found->second.since);
    source.stale.erase(found);
    ++count;
  }
  stale_rows_ -= count;
  return count;
}

void Lived::sent_all(const std::string& name, TimePoint now) {
  Source& source = at(name, now);
  if (counts(now)) {
    for (const auto& [key, row] : source.stale) note_wait(name, source, now - row.since);
  }
  stale_rows_ -= static_cast<std::int64_t>(source.stale.size());
  source.stale.clear();
}

void Lived::given_up(const std::string& name, std::span<const outbox::RowChange> rows,
                     TimePoint now) {
  Source& source = at(name, now);
  for (const outbox::RowChange& row : rows)
    stale_rows_ -= static_cast<std::int64_t>(source.stale.erase(row.key));
}

void Lived::called(const std::string& name, std::int64_t calls, TimePoint now) {
  const std::string day = calendar_.day_of(now);
  calls_[day] += calls;
  const auto counted = days_.find(day);
  if (counted == days_.end()) return;
  counted->second.calls += calls;
  sources_[name].calls += calls;
}

std::int64_t Lived::calls_on(const std::string& org_day) const {
  const auto found = calls_.find(org_day);
  return found == calls_.end() ? 0 : found->second;
}

void Lived::note_wait(const std::string& name, Source& source, Milliseconds wait) {
  const Milliseconds deadline = deadline_of_(name);
  source.waits.push_back(static_cast<float>(pacing::seconds(wait)));
  source.late += deadline > Milliseconds{0} && wait > deadline ? 1 : 0;
}

void Lived::finish() {
  for (auto& [name, source] : sources_) {
    at(name, span_.to);
    for (const auto& [key, row] : source.stale) {
      if (row.since < span_.to) note_wait(name, source, span_.to - row.since);
    }
  }
  pass(span_.to);
}

std::map<std::string, RehearsedSource::Side> Lived::by_source() const {
  std::map<std::string, RehearsedSource::Side> sides;
  for (const auto& [name, source] : sources_) {
    RehearsedSource::Side& side = sides[name];
    side.calls = source.calls;
    side.stale_row_seconds = source.stale_row_seconds;
    if (source.waits.empty()) continue;
    side.staleness_95 = most_wait(source.waits);
    if (deadline_of_(name) <= Milliseconds{0}) continue;
    const auto rows = static_cast<double>(source.waits.size());
    side.deadlines_kept = (rows - static_cast<double>(source.late)) / rows;
  }
  return sides;
}

}  // namespace weir::advice
