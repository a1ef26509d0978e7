// The verbs of the command: their flags and help. Each function adds one verb, or flags that
// several have, and fills the arguments as the command line is parsed; these must outlive the
// parser.
#pragma once

#include <CLI/CLI.hpp>

#include "commands/commands.h"

namespace weir::cli {

void add_output(CLI::App& command, OutputArguments& output);
void add_wait(CLI::App& command, int& seconds);
CLI::App& add_diff(CLI::App& app, DiffArguments& diff);
CLI::App& add_push(CLI::App& app, PushArguments& push);
CLI::App& add_outbox(CLI::App& app, OutboxArguments& outbox, OutputArguments& output, int& wait);
CLI::App& add_forget(CLI::App& app, ForgetArguments& forget);
CLI::App& add_call(CLI::App& app, CallArguments& call);
CLI::App& add_download(CLI::App& app, DownloadArguments& download);
CLI::App& add_advise(CLI::App& app, AdviseArguments& advise);
CLI::App& add_simulate(CLI::App& app, SimulateArguments& simulate);
CLI::App& add_serve(CLI::App& app, ServeArguments& serve);
CLI::App& add_apply(CLI::App& app, ApplyArguments& apply);
// In entry_verbs.cpp.
CLI::App& add_entries(CLI::App& app, EntriesArguments& entries, OutputArguments& output);
CLI::App& add_poll(CLI::App& app, PollArguments& poll);
CLI::App& add_backfill(CLI::App& app, BackfillArguments& backfill);
CLI::App& add_usage(CLI::App& app, UsageArguments& usage);

}  // namespace weir::cli
