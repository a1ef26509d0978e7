// The usage log: the last calls, and what was spent on what for 30 days. Works within a
// transaction; no state of its own.
#pragma once

#include <weir/clock.h>
#include <weir/usage.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace weir::budget {

// What the usage log says of a call.
struct CallEntry {
  std::string method;
  std::string target;
  std::int64_t rows = 0;
  std::string reason;
  // Exempt requests are logged and not charged.
  bool charged = true;
  // A person waits for it (the reason kInteractive says so too).
  bool is_for_people = false;
  // The host that calls (os/process.h).
  std::string host = {};
};

// The number of the next line, as SQL that other statements can return too: a round trip less.
inline constexpr std::string_view kNextCall = "(SELECT coalesce(max(id), 0) + 1 FROM calls)";
std::int64_t next_call(store::Statements& sql);

// Adds the line with that number, and counts it in the day's totals when it is charged.
void log_call(store::Statements& sql, std::int64_t number, const std::string& day, TimePoint now,
              const CallEntry& entry);

// The call turned out to fall on another day: moves its line there. False when it is there already.
bool move_to_day(store::Statements& sql, std::int64_t id, const std::string& day);

// The same for all charged calls of the host; how many there were.
std::int64_t move_all_to_day(store::Statements& sql, const std::string& host,
                             const std::string& day);

// The call was given back.
void uncharge_call(store::Statements& sql, std::int64_t id);

void log_answer(store::Statements& sql, std::int64_t id, int status);

// As many lines as the platform's own log has.
inline constexpr std::int64_t kLogLength = 250;

// Newest first, at most kLogLength.
std::vector<CallRecord> last_calls(store::Statements& sql);

// From that day on, oldest day and busiest target first.
std::vector<CallsOfDay> calls_by_day(store::Statements& sql, const std::string& oldest_day);

// Of the days from the one to the other, busiest first.
std::vector<CallTotal> call_totals(store::Statements& sql, const std::string& oldest_day,
                                   const std::string& newest_day);

// What is known of an org day.
struct SpentDay {
  std::int64_t used = 0;
  std::int64_t outside = 0;  // by others than Weir
};

// All days that are remembered, by their names.
std::map<std::string, SpentDay> spent_days(store::Statements& sql);

// The first day on which anything was called; empty: none.
std::string first_day_with_calls(store::Statements& sql, const std::string& oldest_day);

// Removes the totals and days before it.
void forget_days_before(store::Statements& sql, const std::string& day);

}  // namespace weir::budget
