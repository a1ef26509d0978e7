// The weir command: its verbs and flags.
#include <weir/version.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <new>
#include <string>
#include <system_error>

#include "commands/commands.h"
#include "exit_code.h"
#include "signals.h"

namespace {

using namespace weir::cli;

constexpr const char* kFooter = R"(
Settings: flag, then environment (WEIR_URL, WEIR_COMPANY_ID, WEIR_TIME_ZONE, WEIR_STORE, ...), then weir.toml.
The integration key comes from WEIR_INTEGRATION_KEY or --key-file, never from a flag.

Examples:
  weir push --source OUTAGES --csv outages.csv --key outage_id
  weir push --source CREWS --sql sqlite3:///var/lib/crews.db --query "SELECT id, name FROM crews" --json
  weir diff --source OUTAGES --csv outages.csv --key outage_id
  weir apply --source OUTAGES --changes changes.ndjson
  weir download --entry 7d0c4c8e --file photo.jpg --to photos/7d0c4c8e.jpg
  weir outbox list
  weir usage
  weir advise
  weir simulate --changes changes.csv --initial initial.csv --source-column district --key-column outage_id \
    --time-zone America/Los_Angeles --calls-per-day 2500 --schedule calls.csv --plot day.svg
  weir serve --config sync.toml

Exit codes: 0 done; 1 other failure; 2 usage; 3 settings; 4 wrong key; 5 the day's calls are spent;
            6 network or platform; 7 some rows refused for good; 8 store; 130, 143 stopped by a signal.)";

void add_settings(CLI::App& app, SettingFlags& flags) {
  const char* group = "Settings";
  app.add_option("--url", flags.url, "The platform's host, https://...")->group(group);
  app.add_option("--company-id", flags.company_id, "The organization's number")->group(group);
  app.add_option("--time-zone", flags.time_zone, "The organization's IANA time zone")->group(group);
  app.add_option("--store", flags.store,
                 "What keeps calls and changes: a file, or postgresql://...")
      ->group(group);
  app.add_option("--calls-per-day", flags.calls_per_day, "Default 2500")->group(group);
  app.add_option("--max-connections", flags.max_connections, "Default 3")->group(group);
  app.add_option("--ca-file", flags.ca_file, "Certificate authorities to trust, PEM")->group(group);
  app.add_option("--key-file", flags.key_file, "File with the integration key, mode 0600")
      ->group(group);
  app.add_option("--config", flags.config, "Settings file, default weir.toml")->group(group);
  app.add_flag("--verbose", flags.verbose, "Log each call on standard error")->group(group);
}

void add_output(CLI::App& command, OutputArguments& output) {
  command.add_flag("--json", output.json, "Print one JSON object");
  command.add_flag("--quiet", output.quiet, "Print only errors");
}

void add_wait(CLI::App& command, int& seconds) {
  command
      .add_option("--wait", seconds,
                  "Seconds to wait for a connection or for another writer, default 30")
      ->check(CLI::Range(0, 86400));
}

void add_rows(CLI::App& command, RowsArguments& rows) {
  command.add_option("--csv", rows.csv, "CSV file, first line names the columns");
  command.add_option("--ndjson", rows.ndjson, "JSON objects, one a line");
  command.add_option("--sql", rows.sql,
                     "Database: sqlite3:///path, postgresql://... or odbc://dsn");
  command.add_option("--query", rows.query, "Query that gives the rows");
  command.add_option("--key", rows.key, "Column that is the key, default the first");
  command.add_option("--columns", rows.columns,
                     "Columns of the data source, NAME or NAME=COLUMN,...; default all");
}

CLI::App& add_diff(CLI::App& app, DiffArguments& diff) {
  CLI::App& command = *app.add_subcommand(
      "diff", "Show what differs between rows and those on the platform; a call a page of these");
  command.add_option("--source", diff.source, "ExternalId of the data source")->required();
  add_rows(command, diff.rows);
  command.add_option("--limit", diff.limit, "Differences to list, default 100")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--max-calls", diff.max_calls, "Stop when it takes more calls than this")
      ->check(CLI::PositiveNumber);
  command.add_flag("--exit-code", diff.exit_code, "Exit with 1 when there is a difference");
  return command;
}

void add_push(CLI::App& app, PushArguments& push, std::string& first) {
  CLI::App& command =
      *app.add_subcommand("push", "Publish a whole data source: send the difference");
  command.add_option("--source", push.source, "ExternalId of the data source")->required();
  add_rows(command, push.rows);
  command
      .add_option("--first", first,
                  "First publish: replace the platform's rows, or adopt them (a call a page)")
      ->check(CLI::IsMember({"replace", "adopt"}));
  command.add_flag("--replace", push.replace, "Replace all rows, whatever is known of them");
  command.add_flag("--allow-incomplete-replace", push.allow_incomplete_replace,
                   "Replace also in several calls, between which apps see a part of the rows");
  command.add_flag("--allow-empty", push.allow_empty, "Accept an empty snapshot: deletes all rows");
  command.add_option("--max-deletes", push.max_deletes, "Refuse to delete more than N rows or P%");
  command.add_flag("--dry-run", push.dry_run, "Say what would be sent; send nothing");
}

void choose_letters(CLI::App& command, OutboxArguments& outbox) {
  command.add_option("id", outbox.id, "The dead letter with this id");
  command.add_option("--source", outbox.source, "Those of this data source");
  command.add_option("--key", outbox.key, "Those of the row with this key");
}

CLI::App& add_outbox(CLI::App& app, OutboxArguments& outbox, OutputArguments& output, int& wait) {
  CLI::App& command = *app.add_subcommand("outbox", "What waits, and what was refused for good");
  command.require_subcommand(1);
  command.fallthrough();
  const auto add = [&](const char* name, const char* text, OutboxArguments::Verb verb) {
    CLI::App& sub = *command.add_subcommand(name, text);
    choose_letters(sub, outbox);
    sub.callback([&outbox, verb] { outbox.verb = verb; });
    add_output(sub, output);
    return &sub;
  };
  add("list", "Show what waits and the dead letters; costs no call", OutboxArguments::Verb::kList);
  CLI::App* send = add("send", "Send what waits, now", OutboxArguments::Verb::kSend);
  add_wait(*send, wait);
  CLI::App* retry = add("retry", "Send dead letters again, now", OutboxArguments::Verb::kRetry);
  add_wait(*retry, wait);
  CLI::App* drop = add("drop", "Give dead letters up for good", OutboxArguments::Verb::kDrop);
  for (CLI::App* sub : {retry, drop}) sub->add_flag("--all", outbox.all, "All dead letters");
  return command;
}

CLI::App& add_download(CLI::App& app, DownloadArguments& download) {
  CLI::App& command =
      *app.add_subcommand("download", "Fetch a file of a form entry; costs no call");
  command.add_option("--entry", download.entry, "Id of the form entry")->required();
  command.add_option("--file", download.file, "The file's name, as the entry has it")->required();
  command.add_option("--to", download.to, "Where it goes, default the file's name, here");
  command.add_option("--max-bytes", download.max_bytes, "Refuse a larger file, default 256 MiB")
      ->check(CLI::NonNegativeNumber);
  return command;
}

struct TraceFlags {
  CLI::Option* changes;
  CLI::Option* source_column;
  CLI::Option* key_column;
};

TraceFlags add_trace(CLI::App& command, SimulateArguments& simulate) {
  TraceFlags flags = {};
  flags.changes =
      command.add_option("--changes", simulate.changes, "CSV: time_ms, op, source, key, values");
  command.add_option("--initial", simulate.initial, "CSV: source, key, values at the start")
      ->needs(flags.changes);
  flags.source_column = command.add_option("--source-column", simulate.source_column,
                                           "Column that names the data source");
  flags.key_column =
      command.add_option("--key-column", simulate.key_column, "Column that is the row's key");
  command.add_option("--weights", simulate.weights, "ID=WEIGHT,...: a stale row counts so much")
      ->needs(flags.changes);
  command
      .add_option("--deadline", simulate.deadlines,
                  "SECONDS or ID=SECONDS,...: no change waits longer")
      ->needs(flags.changes);
  return flags;
}

CLI::App& add_advise(CLI::App& app, AdviseArguments& advise) {
  CLI::App& command = *app.add_subcommand(
      "advise", "What would save most calls: from the last days, or from recorded changes");
  const TraceFlags trace = add_trace(command, advise.replay);
  trace.changes->needs(trace.source_column)->needs(trace.key_column);
  return command;
}

void add_simulate(CLI::App& app, SimulateArguments& simulate) {
  CLI::App& command = *app.add_subcommand(
      "simulate",
      "Replay recorded changes in virtual time: when would Weir call, how stale are rows");
  const TraceFlags trace = add_trace(command, simulate);
  for (CLI::Option* option : {trace.changes, trace.source_column, trace.key_column})
    option->required();
  command.add_option("--mode", simulate.mode, "Changes are pushed (default), or found by polling")
      ->check(CLI::IsMember({"push", "poll"}));
  command.add_option("--policy", simulate.policy, "price (default), interval:SECONDS or immediate");
  command.add_option("--schedule", simulate.schedule, "CSV to write: a line per call");
  command.add_option("--plot", simulate.plot, "SVG to write: calls, price and staleness over time");
}

CLI::App& add_serve(CLI::App& app, ServeArguments& serve) {
  CLI::App& command =
      *app.add_subcommand("serve", "Platform Sync: serve data sources to the app (--config FILE)");
  command
      .add_option("--explain", serve.explain,
                  "EMAIL ID: show what this user gets of that data source, and why")
      ->expected(2);
  return command;
}

CLI::App& add_apply(CLI::App& app, ApplyArguments& apply) {
  CLI::App& command = *app.add_subcommand("apply", "Send single changes from a file");
  command.add_option("--source", apply.source, "ExternalId of the data source")->required();
  command.add_option("--changes", apply.changes, "CSV, or NDJSON by its extension")->required();
  command.add_option("--key", apply.key, "Column that is the key, default the first");
  return command;
}

CLI::App& add_usage(CLI::App& app, UsageArguments& usage) {
  CLI::App& command = *app.add_subcommand("usage", "Show the day's calls and the last of them");
  command
      .add_option("--calibrate", usage.calibrate,
                  "The portal's number of calls today: what Weir has not spent, others have")
      ->check([](const std::string& text) {
        const bool is_number = !text.empty() && text.size() < 10 &&
                               text.find_first_not_of("0123456789") == std::string::npos;
        return std::string(is_number ? "" : "give the portal's number of calls, such as 1200");
      });
  command.add_flag("--watch", usage.watch, "Show it again every two seconds");
  return command;
}

int run(int argc, char** argv) {
  CLI::App app{"weir spends a daily budget of API calls where they matter most.", "weir"};
  app.footer(kFooter);
  app.set_version_flag("--version", "weir " + std::string(weir::kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  SettingFlags settings;
  OutputArguments output;
  PushArguments push_arguments;
  DiffArguments diff_arguments;
  ApplyArguments apply_arguments;
  UsageArguments usage_arguments;
  DownloadArguments download_arguments;
  OutboxArguments outbox_arguments;
  SimulateArguments simulate_arguments;
  AdviseArguments advise_arguments;
  ServeArguments serve_arguments;
  std::string first = "replace";
  int wait_seconds = 30;
  add_settings(app, settings);
  add_push(app, push_arguments, first);
  CLI::App& diff_command = add_diff(app, diff_arguments);
  add_simulate(app, simulate_arguments);
  CLI::App& apply_command = add_apply(app, apply_arguments);
  CLI::App& usage_command = add_usage(app, usage_arguments);
  CLI::App& download_command = add_download(app, download_arguments);
  const CLI::App& outbox_command = add_outbox(app, outbox_arguments, output, wait_seconds);
  CLI::App& advise_command = add_advise(app, advise_arguments);
  CLI::App& serve_command = add_serve(app, serve_arguments);
  for (CLI::App* command : app.get_subcommands({})) {
    if (command != &outbox_command) add_output(*command, output);
  }
  add_wait(*app.get_subcommand("push"), wait_seconds);
  add_wait(diff_command, wait_seconds);
  add_wait(apply_command, wait_seconds);
  add_wait(download_command, wait_seconds);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kOk : kUsage;
  }
  output.wait = std::chrono::seconds{wait_seconds};
  push_arguments.adopt = first == "adopt";
  if (app.got_subcommand("simulate")) return simulate(settings, simulate_arguments, output);
  if (diff_command.parsed()) return diff(settings, diff_arguments, output);
  if (usage_command.parsed()) return usage(settings, usage_arguments, output);
  if (outbox_command.parsed()) return outbox(settings, outbox_arguments, output);
  if (download_command.parsed()) return download(settings, download_arguments, output);
  if (advise_command.parsed()) return advise(settings, advise_arguments, output);
  if (serve_command.parsed()) return serve(settings, serve_arguments, output);
  if (apply_command.parsed()) return apply(settings, apply_arguments, output);
  return push(settings, push_arguments, output);
}

int no_more(const char* what) {
  std::cerr << "weir: the system gives this program no more " << what
            << "; end others or raise its limit, then try again. Nothing that was kept is lost.\n";
  return kOtherFailure;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    heed_signals();
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    return no_more("memory");
  } catch (const std::system_error&) {
    return no_more("threads");
  }
}
