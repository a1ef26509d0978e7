// Lived: how stale the rows of some days were, in truth or in a rehearsal: told what changed and
// what was sent, in the order of time. Not thread-safe.
#pragma once

#include <weir/rehearsal.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "budget/org_calendar.h"
#include "rows/row_change.h"

namespace weir::advice {

// So long at most 95 of 100 have waited. There is at least one.
Milliseconds most_wait(std::vector<float> waits_s);

class Lived {
 public:
  // What is counted, whole org days. What happened before is known, and not counted.
  struct Span {
    TimePoint from = {};
    TimePoint to = {};
  };
  Lived(budget::OrgCalendar calendar, Span span);

  // `name`: of a data source. `deadline`: how long the row may wait, by the settings of the time;
  // 0: for ever; empty: not known.
  void changed(const std::string& name, const outbox::RowChange& change,
               std::optional<Milliseconds> deadline, TimePoint now);
  // Rows that are not stale any more, since they were sent. Returns how many were.
  std::int64_t sent(const std::string& name, std::span<const outbox::RowChange> rows,
                    TimePoint now);
  void sent_all(const std::string& name, TimePoint now);
  // The same without having been sent.
  void given_up(const std::string& name, std::span<const outbox::RowChange> rows, TimePoint now);
  // So many calls have carried it.
  void called(const std::string& name, std::int64_t calls, TimePoint now);

  // Of a row that is stale at the end it counts how long it has been by then.
  void finish();

  // By org day, those of the span alone.
  const std::map<std::string, RehearsedDay::Side>& days() const { return days_; }
  // Calls of any org day, also before the span.
  std::int64_t calls_on(const std::string& org_day) const;
  std::map<std::string, RehearsedSource::Side> by_source() const;
  // The share of its rows that waited no longer; empty: there was none.
  std::optional<double> share_within(const std::string& name, Milliseconds deadline) const;

 private:
  struct StaleRow {
    outbox::ValueHash platform = 0;
    TimePoint since = {};
    std::optional<Milliseconds> deadline = {};
  };
  struct Source {
    std::unordered_map<std::uint64_t, StaleRow> stale = {};
    TimePoint summed_until = {};
    double stale_row_seconds = 0;
    std::int64_t calls = 0;
    std::vector<float> waits = {};  // seconds
    std::int64_t with_deadline = 0;
    std::int64_t late = 0;
  };

  bool counts(TimePoint now) const { return now > span_.from && now <= span_.to; }
  Source& at(const std::string& name, TimePoint now);
  void pass(TimePoint to);
  static void note_wait(Source& source, const StaleRow& row, TimePoint until);

  const budget::OrgCalendar calendar_;
  const Span span_;
  std::map<std::string, Source> sources_;
  std::map<std::string, RehearsedDay::Side> days_;
  std::map<std::string, std::int64_t> calls_;  // by org day
  std::int64_t stale_rows_ = 0;
  TimePoint passed_until_ = {};
};

}  // namespace weir::advice
