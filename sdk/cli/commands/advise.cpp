#include <weir/advice.h>

#include <iostream>
#include <memory>
#include <stop_token>
#include <utility>

#include "commands/commands.h"
#include "commands/sending.h"
#include "commands/simulate_options.h"
#include "exit_code.h"
#include "input/trace_file.h"
#include "output/advice_report.h"
#include "signals.h"

namespace weir::cli {
namespace {

Result<AdviceReport> from_store(const SettingFlags& settings, const OutputArguments& output) {
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kStore);
  if (!client) return client.error();
  return client->advise();
}

Result<NextChange> open_changes(const SimulateArguments& arguments) {
  Result<TraceFile> opened = TraceFile::open(
      arguments.changes, {.source = arguments.source_column, .key = arguments.key_column});
  if (!opened) return opened.error();
  return NextChange(
      [trace = std::make_shared<TraceFile>(std::move(*opened))] { return trace->next(); });
}

Result<std::vector<RecordedRow>> initial_rows(const SimulateArguments& arguments) {
  if (!arguments.initial) return std::vector<RecordedRow>();
  Result<TraceFile> trace = TraceFile::open(
      arguments.changes, {.source = arguments.source_column, .key = arguments.key_column});
  if (!trace) return trace.error();
  return read_initial_rows(*arguments.initial, trace->columns());
}

Result<AdviceReport> from_recording(SimulationOptions options, const SimulateArguments& arguments,
                                    const OutputArguments& output) {
  const Result<std::vector<RecordedRow>> initial = initial_rows(arguments);
  if (!initial) return initial.error();
  std::stop_source stop;
  options.stop = stop.get_token();
  const StopOnSignal stop_on_signal(stop);
  Progress progress(!output.json && !output.quiet);
  Result<AdviceReport> report = weir::advise(
      options, *initial, [&] { return open_changes(arguments); },
      [&](int done, int of) {
        progress.show("replay " + std::to_string(done) + " of " + std::to_string(of));
      });
  progress.show("");
  return report;
}

int print(const Result<AdviceReport>& report, const OutputArguments& output) {
  if (!report) return fail(report.error(), output);
  if (output.json) {
    std::cout << as_json(*report) << '\n';
  } else if (!output.quiet) {
    std::cout << as_text(*report) << '\n';
  }
  return kOk;
}

}  // namespace

int advise(const SettingFlags& settings, const AdviseArguments& arguments,
           const OutputArguments& output) {
  if (arguments.replay.changes.empty()) return print(from_store(settings, output), output);
  Result<SimulationOptions> options = simulation_options(settings, arguments.replay);
  if (!options) {
    const int code = fail(options.error(), output);
    return options.error().code == ErrorCode::kInvalidArgument ? kUsage : code;
  }
  if (const auto refused = refuse_unknown_names(*options, arguments.replay, output))
    return *refused;
  return print(from_recording(std::move(*options), arguments.replay, output), output);
}

}  // namespace weir::cli
