// LivedPolls: how long news waited for a look on some days, and what looks took, in truth or in a
// rehearsal: told what each look found, in the order of time. Not thread-safe.
#pragma once

#include <weir/rehearsal.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "advice/lived.h"
#include "budget/org_calendar.h"

namespace weir::advice {

class LivedPolls {
 public:
  LivedPolls(budget::OrgCalendar calendar, Lived::Span span) : calendar_(calendar), span_(span) {}

  // `news`: when those came that it found. Of news that came within the span and are found after
  // it, it counts how long they have waited by its end.
  void looked(const std::string& poll, std::span<const TimePoint> news, std::int64_t calls,
              TimePoint now);

  // Of any org day, also before the span.
  std::int64_t calls_on(const std::string& org_day) const;
  // Of polls that looked within the span, by key.
  std::map<std::string, RehearsedSource::Side> by_poll() const;

 private:
  struct Poll {
    std::int64_t calls = 0;
    double seconds = 0;  // that news waited within the span
    std::vector<float> waits = {};
  };

  const budget::OrgCalendar calendar_;
  const Lived::Span span_;
  std::map<std::string, Poll> polls_;
  std::map<std::string, std::int64_t> calls_;  // by org day
};

}  // namespace weir::advice
