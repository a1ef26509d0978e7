#include "commands/simulate_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "commands/sending.h"
#include "exit_code.h"
#include "input/trace_file.h"
#include "setting_table.h"

namespace weir::cli {
namespace {

constexpr std::string_view kInterval = "interval:";
constexpr double kLongestSeconds = 1e9;

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

std::optional<double> positive_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || !std::isfinite(value) || value <= 0)
    return std::nullopt;
  return value;
}

std::optional<Milliseconds> positive_seconds(std::string_view text) {
  const std::optional<double> value = positive_number(text);
  if (!value || *value > kLongestSeconds || *value < 0.001) return std::nullopt;
  return Milliseconds(std::llround(*value * 1000));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

Result<void> read_policy(const std::string& text, SimulationOptions& options) {
  if (text == "price") return {};
  if (text == "immediate") {
    options.policy = SimulatedPolicy::kImmediate;
    return {};
  }
  std::optional<Milliseconds> interval;
  if (text.starts_with(kInterval))
    interval = positive_seconds(std::string_view(text).substr(kInterval.size()));
  if (!interval) {
    return usage_error("--policy takes price, immediate or interval:SECONDS, not '" + text + "'");
  }
  options.policy = SimulatedPolicy::kInterval;
  options.interval = *interval;
  return {};
}

Result<void> read_weights(const std::string& text, SimulationOptions& options) {
  for (const std::string& part : split(text)) {
    const std::size_t sign = part.rfind('=');
    std::optional<double> weight;
    if (sign != std::string::npos && sign > 0)
      weight = positive_number(std::string_view(part).substr(sign + 1));
    if (!weight)
      return usage_error("--weights takes ID=WEIGHT,... with weights above 0, not '" + part + "'");
    options.sources.try_emplace(part.substr(0, sign), options.other_sources).first->second.weight =
        *weight;
  }
  return {};
}

Result<void> read_deadlines(const std::string& text, SimulationOptions& options) {
  for (const std::string& part : split(text)) {
    const std::size_t sign = part.rfind('=');
    const bool is_named = sign != std::string::npos && sign > 0;
    const auto deadline = positive_seconds(std::string_view(part).substr(is_named ? sign + 1 : 0));
    if (!deadline) {
      return usage_error("--deadline takes SECONDS, or ID=SECONDS,..., of at least 0.001, not '" +
                         part + "'");
    }
    if (is_named) {
      options.sources[part.substr(0, sign)].deadline = *deadline;
    } else {
      options.other_sources.deadline = *deadline;
    }
  }
  return {};
}

Result<void> check_names(const SimulationOptions& options,
                         const std::vector<std::string>& recorded) {
  for (const auto& [name, source] : options.sources) {
    if (std::binary_search(recorded.begin(), recorded.end(), name)) continue;
    const std::vector<std::string_view> known(recorded.begin(), recorded.end());
    return usage_error("no data source " + name +
                       " is in the recording, though --weights or --deadline names it" +
                       did_you_mean(name, known));
  }
  return {};
}

}  // namespace

Result<SimulationOptions> simulation_options(const SettingFlags& settings,
                                             const SimulateArguments& arguments) {
  SimulationOptions options;
  Result<OrgSettings> org = load_org_settings(settings);
  if (!org) return org.error();
  options.time_zone = org->time_zone;
  options.calls_per_day = org->calls_per_day;
  if (arguments.mode == "poll") {
    options.mode = SimulatedMode::kPoll;
    if (arguments.policy != "price")
      return usage_error("--mode poll has the policy price only, not '" + arguments.policy + "'");
  }
  if (Result<void> read = read_policy(arguments.policy, options); !read) return read.error();
  if (arguments.deadlines) {
    if (Result<void> read = read_deadlines(*arguments.deadlines, options); !read)
      return read.error();
  }
  if (arguments.weights) {
    if (Result<void> read = read_weights(*arguments.weights, options); !read) return read.error();
  }
  return options;
}

Result<std::vector<std::string>> recorded_sources(const SimulateArguments& arguments) {
  Result<TraceFile> trace = TraceFile::open(
      arguments.changes, {.source = arguments.source_column, .key = arguments.key_column});
  if (!trace) return trace.error();
  std::set<std::string> names;
  if (arguments.initial) {
    Result<std::vector<RecordedRow>> rows = read_initial_rows(*arguments.initial, trace->columns());
    if (!rows) return rows.error();
    for (const RecordedRow& row : *rows) names.insert(row.source);
  }
  while (true) {
    Result<std::optional<RecordedChange>> change = trace->next();
    if (!change) return change.error();
    if (!change->has_value()) return std::vector<std::string>(names.begin(), names.end());
    names.insert((*change)->source);
  }
}

std::optional<int> refuse_unknown_names(const SimulationOptions& options,
                                        const SimulateArguments& arguments,
                                        const OutputArguments& output) {
  if (options.sources.empty()) return std::nullopt;
  const Result<std::vector<std::string>> recorded = recorded_sources(arguments);
  if (!recorded) return fail(recorded.error(), output);
  const Result<void> known = check_names(options, *recorded);
  if (known) return std::nullopt;
  fail(known.error(), output);
  return kUsage;
}

}  // namespace weir::cli
