#include "advice/lived.h"

#include <algorithm>
#include <utility>

#include "pacing/seconds.h"

namespace weir::advice {
namespace {

constexpr std::size_t kOf20 = 20;
constexpr std::size_t kMost = 19;  // of 20 rows wait no longer

}  // namespace

Milliseconds most_wait(std::vector<float> waits_s) {
  const auto place =
      waits_s.begin() + static_cast<std::ptrdiff_t>((waits_s.size() - 1) * kMost / kOf20);
  std::nth_element(waits_s.begin(), place, waits_s.end());
  return Milliseconds(static_cast<Milliseconds::rep>(*place * 1000));
}

Lived::Lived(budget::OrgCalendar calendar, Span span)
    : calendar_(calendar), span_(span), passed_until_(span.from) {
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

void Lived::changed(const std::string& name, const outbox::RowChange& change,
                    std::optional<Milliseconds> deadline, TimePoint now) {
  Source& source = at(name, now);
  const auto [found, is_new] = source.stale.try_emplace(
      change.key, StaleRow{.platform = change.before, .since = now, .deadline = deadline});
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
    if (counts(now)) note_wait(source, found->second, now);
    source.stale.erase(found);
    ++count;
  }
  stale_rows_ -= count;
  return count;
}

void Lived::sent_all(const std::string& name, TimePoint now) {
  Source& source = at(name, now);
  if (counts(now)) {
    for (const auto& [key, row] : source.stale) note_wait(source, row, now);
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

void Lived::note_wait(Source& source, const StaleRow& row, TimePoint until) {
  const Milliseconds wait = until - row.since;
  source.waits.push_back(static_cast<float>(pacing::seconds(wait)));
  if (row.deadline.value_or(Milliseconds{0}) <= Milliseconds{0}) return;
  ++source.with_deadline;
  source.late += wait > *row.deadline ? 1 : 0;
}

void Lived::finish() {
  for (auto& [name, source] : sources_) {
    at(name, span_.to);
    for (const auto& [key, row] : source.stale) {
      if (row.since < span_.to) note_wait(source, row, span_.to);
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
    if (source.with_deadline == 0) continue;
    const auto rows = static_cast<double>(source.with_deadline);
    side.deadlines_kept = (rows - static_cast<double>(source.late)) / rows;
  }
  return sides;
}

std::optional<double> Lived::share_within(const std::string& name, Milliseconds deadline) const {
  const auto found = sources_.find(name);
  if (found == sources_.end() || found->second.waits.empty()) return std::nullopt;
  const std::vector<float>& waits = found->second.waits;
  const auto most = static_cast<float>(pacing::seconds(deadline));
  const auto within =
      std::count_if(waits.begin(), waits.end(), [&](float wait) { return wait <= most; });
  return static_cast<double>(within) / static_cast<double>(waits.size());
}

}  // namespace weir::advice
