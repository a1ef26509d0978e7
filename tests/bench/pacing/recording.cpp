#include "recording.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "budget/org_calendar.h"
#include "input/trace_file.h"

namespace weir::bench {
namespace {

double seconds(TimePoint time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

TimePoint time_of(double at) { return TimePoint(Milliseconds(std::llround(at * 1000))); }

std::uint64_t hash_of(const std::vector<std::string>& values) {
  std::uint64_t hash = 0;
  for (const std::string& value : values)
    hash = hash * 0x9E3779B97F4A7C15 + std::hash<std::string>{}(value);
  return hash | 1;
}

// Names to numbers, in the order of their first appearance.
class Numbers {
 public:
  std::uint32_t of(const std::string& name) {
    return numbers_.emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names(numbers_.size());
    for (const auto& [name, number] : numbers_) names[number] = name;
    return names;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

class Reader {
 public:
  explicit Reader(cli::TraceFile& trace) : trace_(trace) {}

  void hold(const RecordedRow& row) {
    recording_.initial.push_back(arrival(0, row.source, row.key, hash_of(row.values)));
  }

  Result<Recording> read() {
    while (true) {
      Result<std::optional<RecordedChange>> change = trace_.next();
      if (!change) return change.error();
      if (!change->has_value()) break;
      const RecordedChange& it = **change;
      recording_.arrivals.push_back(
          arrival(seconds(it.time), it.source, it.key, it.values ? hash_of(*it.values) : 0));
    }
    recording_.sources = sources_.names();
    return std::move(recording_);
  }

 private:
  Arrival arrival(double at, const std::string& source, const std::string& key,
                  std::uint64_t after) {
    const std::uint32_t number = sources_.of(source);
    return {.at = at, .source = number, .row = rows_[number].of(key), .after = after};
  }

  cli::TraceFile& trace_;
  Recording recording_;
  Numbers sources_;
  std::map<std::uint32_t, Numbers> rows_;
};

std::vector<std::vector<std::uint64_t>> held_at_start(const Recording& recording) {
  std::vector<std::vector<std::uint64_t>> held(recording.sources.size());
  const auto room_for = [&](const Arrival& arrival) -> std::uint64_t& {
    auto& rows = held[arrival.source];
    if (rows.size() <= arrival.row) rows.resize(arrival.row + 1);
    return rows[arrival.row];
  };
  for (const Arrival& arrival : recording.arrivals) room_for(arrival);
  for (const Arrival& arrival : recording.initial) room_for(arrival) = arrival.after;
  return held;
}

// The same stream as the engine takes it.
class Feed {
 public:
  explicit Feed(const Recording& recording) : recording_(recording) {}

  std::vector<RecordedRow> initial() const {
    std::vector<RecordedRow> rows;
    for (const Arrival& arrival : recording_.initial)
      rows.push_back({.source = recording_.sources[arrival.source],
                      .key = std::to_string(arrival.row),
                      .values = {std::to_string(arrival.after)}});
    return rows;
  }

  Result<std::optional<RecordedChange>> next() {
    if (next_ == recording_.arrivals.size()) return std::optional<RecordedChange>();
    const Arrival& arrival = recording_.arrivals[next_++];
    RecordedChange change{.time = time_of(arrival.at),
                          .source = recording_.sources[arrival.source],
                          .key = std::to_string(arrival.row),
                          .values = {}};
    if (arrival.after != 0) change.values = {std::to_string(arrival.after)};
    return std::optional(std::move(change));
  }

 private:
  const Recording& recording_;
  std::size_t next_ = 0;
};

// The rows of one data source under a schedule.
class Judge {
 public:
  Judge(const std::vector<double>& midnights, std::vector<std::uint64_t> held, double deadline,
        std::vector<Judged>& days)
      : midnights_(midnights),
        truth_(held),
        platform_(std::move(held)),
        since_(truth_.size()),
        deadline_(deadline),
        days_(days),
        now_(midnights.front()) {}

  void change(const Arrival& arrival) {
    pass_time(arrival.at);
    std::uint64_t& row = truth_[arrival.row];
    if (row == arrival.after) return;
    ++today().changes;
    const bool was_stale = row != platform_[arrival.row];
    row = arrival.after;
    const bool is_stale = row != platform_[arrival.row];
    if (is_stale && !was_stale) {
      since_[arrival.row] = now_;
      stale_.insert(arrival.row);
    }
    if (!is_stale) stale_.erase(arrival.row);
  }

  void call(double at) {
    pass_time(at);
    today().outcome.calls += 1;
    for (const std::uint32_t row : stale_) {
      platform_[row] = truth_[row];
      count_wait(now_ - since_[row]);
    }
    stale_.clear();
  }

  void finish() {
    pass_time(midnights_.back());
    day_ = days_.size() - 1;
    for (const std::uint32_t row : stale_) count_wait(now_ - since_[row]);
  }

 private:
  Judged& today() { return days_[day_]; }

  void count_wait(double wait) {
    today().longest_wait = std::max(today().longest_wait, wait);
    // The engine's time has milliseconds.
    if (deadline_ > 0 && wait > deadline_ + 0.001) ++today().late;
  }

  void pass_time(double to) {
    while (now_ < to) {
      const double until = std::min(to, midnights_[day_ + 1]);
      today().outcome.stale_row_seconds += static_cast<double>(stale_.size()) * (until - now_);
      now_ = until;
      if (now_ >= midnights_[day_ + 1] && day_ + 1 < days_.size()) ++day_;
    }
  }

  const std::vector<double>& midnights_;
  std::vector<std::uint64_t> truth_;
  std::vector<std::uint64_t> platform_;
  std::vector<double> since_;
  double deadline_;
  std::vector<Judged>& days_;
  double now_;
  std::size_t day_ = 0;
  std::set<std::uint32_t> stale_;
};

}  // namespace

Result<Recording> read_recording(const std::string& changes, const std::string& initial,
                                 const std::string& source_column, const std::string& key_column,
                                 const std::string& time_zone) {
  Result<cli::TraceFile> trace =
      cli::TraceFile::open(changes, {.source = source_column, .key = key_column});
  if (!trace) return trace.error();
  Result<std::vector<RecordedRow>> rows = cli::read_initial_rows(initial, trace->columns());
  if (!rows) return rows.error();
  Result<budget::OrgCalendar> calendar = budget::OrgCalendar::open(time_zone);
  if (!calendar) return calendar.error();
  Reader reader(*trace);
  for (const RecordedRow& row : *rows) reader.hold(row);
  Result<Recording> recording = reader.read();
  if (!recording || recording->arrivals.empty()) return recording;
  recording->time_zone = time_zone;
  TimePoint midnight = calendar->day_begin(time_of(recording->arrivals.front().at));
  recording->midnights.push_back(seconds(midnight));
  while (recording->midnights.back() <= recording->arrivals.back().at) {
    midnight = calendar->next_reset(midnight);
    recording->midnights.push_back(seconds(midnight));
  }
  return recording;
}

std::vector<Day> days_of(const Recording& recording) {
  std::vector<Day> days;
  std::vector<std::vector<std::uint64_t>> held = held_at_start(recording);
  auto arrival = recording.arrivals.begin();
  for (std::size_t i = 0; i + 1 < recording.midnights.size(); ++i) {
    Day day{.begin = recording.midnights[i], .end = recording.midnights[i + 1]};
    std::vector<std::unordered_map<std::uint32_t, std::uint32_t>> rows(recording.sources.size());
    for (const std::string& name : recording.sources) day.sources.push_back({.name = name});
    for (; arrival != recording.arrivals.end() && arrival->at < day.end; ++arrival) {
      std::uint64_t& row = held[arrival->source][arrival->row];
      if (row == arrival->after) continue;
      SourceDay& source = day.sources[arrival->source];
      const auto [number, is_new] = rows[arrival->source].emplace(arrival->row, source.rows);
      if (is_new) ++source.rows;
      source.rows_return = source.rows_return || !is_new;
      source.changes.push_back(
          {.at = arrival->at, .row = number->second, .before = row, .after = arrival->after});
      row = arrival->after;
      ++day.changes;
    }
    days.push_back(std::move(day));
  }
  return days;
}

Result<Schedule> run_engine(const Recording& recording, const SimulationOptions& options) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < recording.sources.size(); ++i) numbers[recording.sources[i]] = i;
  Feed feed(recording);
  Schedule schedule;
  SimulationOptions all = options;
  all.time_zone = recording.time_zone;
  all.known_sources = recording.sources;
  const auto report = simulate(
      all, feed.initial(), [&] { return feed.next(); }, {.call = [&](const SimulatedCall& call) {
        schedule.calls.push_back({.at = seconds(call.time), .source = numbers.at(call.source)});
      }});
  if (!report) return report.error();
  return schedule;
}

std::vector<Judged> judge(const Recording& recording, const Schedule& schedule, double deadline) {
  std::vector<Judged> days(recording.midnights.size() - 1);
  std::vector<Judge> judges;
  for (std::vector<std::uint64_t>& held : held_at_start(recording))
    judges.emplace_back(recording.midnights, std::move(held), deadline, days);
  auto call = schedule.calls.begin();
  for (const Arrival& arrival : recording.arrivals) {
    for (; call != schedule.calls.end() && call->at < arrival.at; ++call)
      judges[call->source].call(call->at);
    judges[arrival.source].change(arrival);
  }
  for (; call != schedule.calls.end(); ++call) judges[call->source].call(call->at);
  for (Judge& judge : judges) judge.finish();
  return days;
}

}  // namespace weir::bench
