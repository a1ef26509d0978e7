#include "output/simulation_report.h"

#include <weir/client_options.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

SimulatedDay total_of(const SimulationReport& report) {
  SimulatedDay total{.org_day = "total"};
  for (const SimulatedDay& day : report.days) {
    total.changes += day.changes;
    total.calls += day.calls;
    total.stale_row_seconds += day.stale_row_seconds;
  }
  return total;
}

ordered_json day_json(const SimulatedDay& day) {
  return {{"changes", day.changes},
          {"calls", day.calls},
          {"stale_row_s", std::round(day.stale_row_seconds)}};
}

std::string day_line(const SimulatedDay& day) {
  const double mean =
      day.changes == 0 ? 0 : day.stale_row_seconds / static_cast<double>(day.changes);
  std::array<char, 128> line = {};
  std::snprintf(line.data(), line.size(), "%-12s %10lld %8lld %16.0f %16.0f\n", day.org_day.c_str(),
                static_cast<long long>(day.changes), static_cast<long long>(day.calls),
                day.stale_row_seconds, mean);
  return line.data();
}

// Of the data sources whose rows missed their deadline.
std::map<std::string, std::int64_t> late_by_source(const SimulationReport& report) {
  std::map<std::string, std::int64_t> late;
  for (const auto& [name, source] : report.by_source) {
    if (source.late > 0) late[name] = source.late;
  }
  return late;
}

std::string late_lines(const SimulationReport& report) {
  const auto late = late_by_source(report);
  if (late.empty()) return {};
  std::string text =
      "\nRows that missed their deadline (longer deadlines, or more calls, make them fewer):";
  for (const auto& [name, rows] : late) text += "\n  " + name + ": " + std::to_string(rows);
  return text;
}

std::int64_t parts(std::int64_t rows, std::int64_t most) { return (rows + most - 1) / most; }

std::string not_counted_line(std::int64_t calls) {
  if (calls == 0) return {};
  return "\nA batch counts as one call, whatever it holds. Those of more than " +
         std::to_string(CallLimits{}.upserts) + " upserts or " +
         std::to_string(CallLimits{}.deletes) + " deletes take up to " + std::to_string(calls) +
         " calls more.";
}

}  // namespace

std::int64_t calls_not_counted(const SimulatedCall& batch) {
  const CallLimits limits;
  const std::int64_t calls =
      std::max(parts(batch.upserts, limits.upserts), parts(batch.deletes, limits.deletes));
  return std::max<std::int64_t>(0, calls - batch.calls);
}

std::string as_json(const SimulationReport& report, std::int64_t calls_per_day,
                    std::int64_t not_counted) {
  ordered_json days = ordered_json::array();
  for (const SimulatedDay& day : report.days) {
    ordered_json json = {{"org_day", day.org_day}};
    json.update(day_json(day));
    days.push_back(std::move(json));
  }
  return ordered_json{
      {"calls_per_day", calls_per_day},   {"sources", report.sources},
      {"days", std::move(days)},          {"missed_deadline", late_by_source(report)},
      {"calls_not_counted", not_counted}, {"total", day_json(total_of(report))}}
      .dump();
}

std::string as_text(const SimulationReport& report, std::int64_t calls_per_day,
                    std::int64_t not_counted) {
  std::string text = std::to_string(report.sources) + " data sources changed, " +
                     std::to_string(calls_per_day) + " calls a day\n" +
                     "org day         changes    calls    stale row-s    s per change\n";
  for (const SimulatedDay& day : report.days) text += day_line(day);
  text += day_line(total_of(report));
  text.pop_back();
  return text + late_lines(report) + not_counted_line(not_counted);
}

}  // namespace weir::cli
