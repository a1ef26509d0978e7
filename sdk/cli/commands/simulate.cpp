#include <weir/simulation.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <stop_token>

#include "commands/commands.h"
#include "commands/sending.h"
#include "commands/simulate_options.h"
#include "exit_code.h"
#include "input/input_error.h"
#include "input/trace_file.h"
#include "os/replaced_file.h"
#include "output/simulation_plot.h"
#include "output/simulation_report.h"
#include "signals.h"

namespace weir::cli {
namespace {

// Opens the files, replays, and keeps what the plot needs.
class Simulation {
 public:
  Simulation(const SimulateArguments& arguments, const OutputArguments& output)
      : arguments_(arguments), progress_(!output.json && !output.quiet) {}

  Result<void> open_outputs();
  Result<SimulationReport> run(SimulationOptions options);
  Result<void> finish(const SimulationOptions& options, const SimulationReport& report);
  std::int64_t not_counted() const { return not_counted_; }

 private:
  void on_call(const SimulatedCall& call);
  void on_state(const SimulatedState& state);

  const SimulateArguments& arguments_;
  Progress progress_;
  std::ofstream schedule_;
  std::ofstream plot_;
  std::vector<SimulatedState> states_;
  std::int64_t calls_ = 0;
  std::int64_t not_counted_ = 0;
};

Result<void> open_output(const std::optional<std::string>& path, std::ofstream& file) {
  if (!path) return {};
  const Result<std::string> target = os::file_to_replace(*path);
  if (!target) return target.error();
  file.open(*target, std::ios::binary | std::ios::trunc);
  if (!file) return input_error(*path, "the file cannot be written; check its folder");
  return {};
}

Result<void> close_output(const std::optional<std::string>& path, std::ofstream& file) {
  if (!path) return {};
  file.close();
  if (!file) return input_error(*path, "the file could not be written in full; is the disk full?");
  return {};
}

Result<void> Simulation::open_outputs() {
  if (Result<void> opened = open_output(arguments_.schedule, schedule_); !opened) return opened;
  schedule_ << "time_ms,source,upserts,deletes\n";
  return open_output(arguments_.plot, plot_);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void Simulation::on_call(const SimulatedCall& call) {
  ++calls_;
  // A look brings nothing to the platform.
  if (arguments_.mode != "poll") not_counted_ += calls_not_counted(call);
  if (!arguments_.schedule) return;
  schedule_ << call.time.time_since_epoch().count() << ',' << csv_cell(call.source) << ','
            << call.upserts << ',' << call.deletes << '\n';
}

void Simulation::on_state(const SimulatedState& state) {
  if (arguments_.plot) states_.push_back(state);
  // A line every virtual hour: more would only cost time.
  if (state.time.time_since_epoch() % std::chrono::hours{1} == Milliseconds{0})
    progress_.show(iso_time(state.time) + "  " + std::to_string(calls_) + " calls");
}

Result<SimulationReport> Simulation::run(SimulationOptions options) {
  if (options.mode == SimulatedMode::kPoll) {
    Result<std::vector<std::string>> sources = recorded_sources(arguments_);
    if (!sources) return sources.error();
    options.known_sources = std::move(*sources);
  }
  Result<TraceFile> trace = TraceFile::open(
      arguments_.changes, {.source = arguments_.source_column, .key = arguments_.key_column});
  if (!trace) return trace.error();
  std::vector<RecordedRow> initial;
  if (arguments_.initial) {
    Result<std::vector<RecordedRow>> rows =
        read_initial_rows(*arguments_.initial, trace->columns());
    if (!rows) return rows.error();
    initial = std::move(*rows);
  }
  return weir::simulate(options, initial, [&] { return trace->next(); },
                        {.call = [this](const SimulatedCall& call) { on_call(call); },
                         .state = [this](const SimulatedState& state) { on_state(state); }});
}

Result<void> Simulation::finish(const SimulationOptions& options, const SimulationReport& report) {
  progress_.show("");
  if (Result<void> closed = close_output(arguments_.schedule, schedule_); !closed) return closed;
  if (!arguments_.plot) return {};
  plot_ << as_svg({.title = std::filesystem::path(arguments_.changes).filename().string(),
                   .calls_per_day = options.calls_per_day,
                   .states = std::move(states_),
                   .report = report});
  return close_output(arguments_.plot, plot_);
}

}  // namespace

int simulate(const SettingFlags& settings, const SimulateArguments& arguments,
             const OutputArguments& output) {
  Result<SimulationOptions> options = simulation_options(settings, arguments);
  if (!options) {
    const int code = fail(options.error(), output);
    return options.error().code == ErrorCode::kInvalidArgument ? kUsage : code;
  }
  if (const std::optional<int> refused = refuse_unknown_names(*options, arguments, output))
    return *refused;
  Simulation simulation(arguments, output);
  if (Result<void> opened = simulation.open_outputs(); !opened) return fail(opened.error(), output);
  std::stop_source stop;
  options->stop = stop.get_token();
  const StopOnSignal stop_on_signal(stop);
  Result<SimulationReport> report = simulation.run(*options);
  if (!report) return fail(report.error(), output);
  if (Result<void> written = simulation.finish(*options, *report); !written)
    return fail(written.error(), output);
  if (output.json) {
    std::cout << as_json(*report, options->calls_per_day, simulation.not_counted()) << '\n';
  } else if (!output.quiet) {
    std::cout << as_text(*report, options->calls_per_day, simulation.not_counted()) << '\n';
  }
  return kOk;
}

}  // namespace weir::cli
