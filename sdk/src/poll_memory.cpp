#include "poll_memory.h"

#include <cmath>
#include <cstdint>

namespace weir {
namespace {

using pacing::ChangesSeen;
using pacing::HoursSeen;
using store::SqlRow;
using store::Statements;

// Both stores keep integers.
constexpr double kScale = 1000;

std::int64_t scaled(double value) { return std::llround(value * kScale); }
double unscaled(std::int64_t value) { return static_cast<double>(value) / kScale; }

ChangesSeen seen_of(const SqlRow& line, std::size_t first) {
  return {.found = unscaled(line.integer(first)), .expected = unscaled(line.integer(first + 1))};
}

}  // namespace

Result<ChangesSeen> PollMemory::load(const std::string& poll) {
  return database_.read([&](Statements& sql) -> Result<ChangesSeen> {
    const auto lines =
        sql.run("SELECT found_milli, expected_milli FROM poll_rates WHERE poll = $1", {poll});
    return lines.empty() ? ChangesSeen{} : seen_of(lines.front(), 0);
  });
}

Result<HoursSeen> PollMemory::load_hours() {
  return database_.read([&](Statements& sql) -> Result<HoursSeen> {
    HoursSeen hours = {};
    sql.for_each("SELECT hour, found_milli, expected_milli FROM poll_hours", {},
                 [&](const SqlRow& line) {
                   hours.at(static_cast<std::size_t>(line.integer(0))) = seen_of(line, 1);
                 });
    return hours;
  });
}

Result<void> PollMemory::keep(const std::string& poll, const ChangesSeen& seen,
                              const HoursSeen& hours) {
  return database_.write([&](Statements& sql) -> Result<void> {
    sql.run(
        "INSERT INTO poll_rates (poll, found_milli, expected_milli) VALUES ($1, $2, $3) "
        "ON CONFLICT (poll) DO UPDATE SET found_milli = excluded.found_milli, "
        "expected_milli = excluded.expected_milli",
        {poll, scaled(seen.found), scaled(seen.expected)});
    for (std::size_t hour = 0; hour < hours.size(); ++hour)
      sql.run(
          "INSERT INTO poll_hours (hour, found_milli, expected_milli) VALUES ($1, $2, $3) "
          "ON CONFLICT (hour) DO UPDATE SET found_milli = excluded.found_milli, "
          "expected_milli = excluded.expected_milli",
          {static_cast<std::int64_t>(hour), scaled(hours.at(hour).found),
           scaled(hours.at(hour).expected)});
    return {};
  });
}

}  // namespace weir
