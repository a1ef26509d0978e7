#include "verbs.h"

#include <string>

#include "flag_checks.h"

namespace weir::cli {
namespace {

constexpr const char* kPushExamples = R"(
Examples:
  weir push --source OUTAGES --csv outages.csv --key outage_id
  weir push --source CREWS --sql sqlite3:///var/lib/crews.db \
    --query "SELECT id, name FROM crews" --json)";

constexpr const char* kSimulateExamples = R"(
Example:
  weir simulate --changes changes.csv --initial initial.csv \
    --source-column district --key-column outage_id \
    --time-zone America/Los_Angeles --calls-per-day 2500 \
    --schedule calls.csv --plot day.svg)";

// The one with an example at the end of its help.
void add_example(CLI::App& command, const std::string& example) {
  command.footer("\nExample:\n  " + example);
}

void add_text_format(CLI::App& command, std::optional<std::string>& delimiter,
                     std::optional<std::string>& encoding) {
  command.add_option("--delimiter", delimiter, "Separator of the cells of a CSV: ';', '|' or tab");
  command.add_option("--encoding", encoding,
                     "Encoding of the file: utf-8, latin1, windows-1252, utf-16");
}

void add_rows(CLI::App& command, RowsArguments& rows) {
  command
      .add_option("--csv", rows.csv, "CSV file, first line names the columns; - is standard input")
      ->check(not_empty());
  command.add_option("--ndjson", rows.ndjson, "JSON objects, one a line")->check(not_empty());
  command
      .add_option("--sql", rows.sql, "Database: sqlite3:///path, postgresql://... or odbc://dsn")
      ->check(not_empty());
  command.add_option("--query", rows.query, "Query that gives the rows");
  command
      .add_option("--query-timeout", rows.query_timeout,
                  "Seconds that the query may take, default 600")
      ->check(whole_number(1, 86400));
  add_text_format(command, rows.delimiter, rows.encoding);
  command.add_option("--key", rows.key, "Column that is the key, default the first");
  command.add_option("--columns", rows.columns,
                     "Columns to send, in order: NAME, or NEW=COLUMN to rename; default all");
}

void add_key_zero(CLI::App& command, bool& allow) {
  command.add_flag("--allow-key-zero", allow,
                   "Do not warn of a key 0, which forms of the platform take for a new row");
}

void add_keep(CLI::App& command, bool& keep) {
  command.add_flag("--keep", keep,
                   "Hand the changes over and send nothing: weir run sends them when it is worth a "
                   "call");
}

void choose_letters(CLI::App& command, OutboxArguments& outbox) {
  command.add_option("id", outbox.id, "The dead letter with this id")->check(whole_number(1));
  command.add_option("--source", outbox.source, "Those of this data source")->check(named());
  command.add_option("--key", outbox.key, "Those of the row with this key");
}

struct TraceFlags {
  CLI::Option* changes;
  CLI::Option* source_column;
  CLI::Option* key_column;
};

TraceFlags add_trace(CLI::App& command, SimulateArguments& simulate) {
  TraceFlags flags = {};
  flags.changes =
      command.add_option("--changes", simulate.changes, "CSV: time_ms, op, source, key, values")
          ->check(not_empty());
  command.add_option("--initial", simulate.initial, "CSV: source, key, values at the start")
      ->check(not_empty())
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

}  // namespace

void add_output(CLI::App& command, OutputArguments& output) {
  command.add_flag("--json", output.json, "Print one JSON object");
  command.add_flag("--quiet", output.quiet, "Print only errors");
}

void add_wait(CLI::App& command, int& seconds) {
  command
      .add_option(
          "--wait", seconds,
          "Seconds to wait for a connection, or for another process at the same; default 30")
      ->check(whole_number(0, 86400));
}

CLI::App& add_diff(CLI::App& app, DiffArguments& diff) {
  CLI::App& command = *app.add_subcommand(
      "diff", "Compare a file or query with the platform's rows; costs one call per page");
  command.add_option("--source", diff.source, "ExternalId of the data source")
      ->required()
      ->check(named());
  add_rows(command, diff.rows);
  command
      .add_option("--limit", diff.limit,
                  "List at most N differences, default 100; the counts cover all")
      ->check(whole_number(0));
  command.add_option("--max-calls", diff.max_calls, "Stop when it takes more calls than this")
      ->check(whole_number(1));
  command.add_flag("--exit-code", diff.exit_code, "Exit with 9 when there is a difference");
  add_example(command, "weir diff --source OUTAGES --csv outages.csv --key outage_id");
  return command;
}

CLI::App& add_push(CLI::App& app, PushArguments& push) {
  CLI::App& command =
      *app.add_subcommand("push", "Publish a whole data source: send the difference");
  command.add_option("--source", push.source, "ExternalId of the data source")
      ->required()
      ->check(named());
  add_rows(command, push.rows);
  command
      .add_option("--first", push.first,
                  "First push from this store: replace every row on the platform, or adopt them "
                  "(reads them first, one call per page)")
      ->check(one_of({"replace", "adopt"}));
  command.add_flag("--replace", push.replace,
                   "Send all rows again, also when the columns have changed");
  command.add_flag("--allow-incomplete-replace", push.allow_incomplete_replace,
                   "Replace even if it takes several calls; apps see a partial table in between");
  command.add_flag("--allow-empty", push.allow_empty, "Accept an empty snapshot: deletes all rows");
  add_key_zero(command, push.allow_key_zero);
  command.add_flag("--allow-cut-off", push.allow_cut_off,
                   "Accept a file whose last line has no end, although it deletes rows");
  command.add_option("--max-deletes", push.max_deletes,
                     "Refuse to delete more than N rows or P%; default 50% from 20 rows on");
  command.add_flag("--dry-run", push.dry_run, "Show the plan; send nothing");
  add_keep(command, push.keep);
  command.footer(kPushExamples);
  return command;
}

CLI::App& add_outbox(CLI::App& app, OutboxArguments& outbox, OutputArguments& output, int& wait) {
  CLI::App& command =
      *app.add_subcommand("outbox", "List, send or drop waiting changes and dead letters");
  command.require_subcommand(1);
  command.fallthrough();
  const auto add = [&](const char* name, const char* text, OutboxArguments::Verb verb) {
    CLI::App& sub = *command.add_subcommand(name, text);
    choose_letters(sub, outbox);
    sub.callback([&outbox, verb] { outbox.verb = verb; });
    add_output(sub, output);
    return &sub;
  };
  add("list", "List waiting changes and dead letters; costs no call", OutboxArguments::Verb::kList);
  CLI::App* send = add("send", "Send waiting changes now", OutboxArguments::Verb::kSend);
  add_wait(*send, wait);
  CLI::App* retry = add("retry", "Send dead letters again, now", OutboxArguments::Verb::kRetry);
  add_wait(*retry, wait);
  CLI::App* drop = add("drop", "Remove dead letters, or the waiting changes of a data source",
                       OutboxArguments::Verb::kDrop);
  drop->add_flag("--waiting", outbox.waiting,
                 "With --source: remove its waiting changes instead of dead letters");
  for (CLI::App* sub : {retry, drop}) sub->add_flag("--all", outbox.all, "All dead letters");
  add_example(command, "weir outbox retry --source OUTAGES");
  return command;
}

CLI::App& add_download(CLI::App& app, DownloadArguments& download) {
  CLI::App& command =
      *app.add_subcommand("download", "Fetch a file of a form entry; costs no call");
  command.add_option("--entry", download.entry, "Id of the form entry")->required()->check(named());
  command.add_option("--file", download.file, "The file's name in the entry's answers")
      ->required()
      ->check(named());
  command
      .add_option("--to", download.to,
                  "Target file, overwritten if it exists; default the file's name, here")
      ->check(file_to_write());
  command.add_option("--max-bytes", download.max_bytes, "Refuse a larger file, default 256 MiB")
      ->check(whole_number(0));
  add_example(command, "weir download --entry 7d0c4c8e --file photo.jpg");
  return command;
}

CLI::App& add_forget(CLI::App& app, ForgetArguments& forget) {
  CLI::App& command =
      *app.add_subcommand("forget", "Remove from the store a data source that is no longer sent");
  command.add_option("--source", forget.source, "ExternalId of the data source")
      ->required()
      ->check(named());
  command.add_flag("--yes", forget.yes, "Do not ask at a terminal; a script must give it");
  add_example(command, "weir forget --source OUTAGES --yes");
  return command;
}

CLI::App& add_call(CLI::App& app, CallArguments& call) {
  CLI::App& command = *app.add_subcommand(
      "call", "Make any other call of the platform, within the same budget; prints the answer");
  command.add_option("method", call.method, "GET, POST, PUT, PATCH or DELETE")->required();
  command.add_option("path", call.path, "Below url, such as /api/v2/user/search; no query")
      ->required();
  command.add_option("--query", call.query, "NAME=VALUE, not encoded; repeatable")
      ->expected(1)
      ->take_all();
  command.add_option("--body", call.body, "File with a JSON object; - is standard input")
      ->check(not_empty());
  command.add_option("--to", call.to, "File for the body of a success, written when it is whole")
      ->check(file_to_write());
  command.add_option("--reason", call.reason, "For the usage log; default call")->check(one_line());
  command
      .add_option("--worth", call.worth,
                  "Wait until a call costs at most N stale row-seconds; default: it goes now")
      ->check(number_above_zero());
  command.add_flag("--dry-run", call.dry_run, "Show the plan; send nothing");
  add_example(command, "weir call GET /api/v2/user/search --query limit=10");
  return command;
}

CLI::App& add_advise(CLI::App& app, AdviseArguments& advise) {
  CLI::App& command = *app.add_subcommand(
      "advise", "Name the measures that save most calls, by the last days or by a recording");
  const TraceFlags trace = add_trace(command, advise.replay);
  trace.changes->needs(trace.source_column)->needs(trace.key_column);
  add_example(command, "weir advise");
  return command;
}

CLI::App& add_simulate(CLI::App& app, SimulateArguments& simulate) {
  CLI::App& command = *app.add_subcommand(
      "simulate",
      "Replay recorded changes in virtual time: when would Weir call, how stale are rows");
  const TraceFlags trace = add_trace(command, simulate);
  for (CLI::Option* option : {trace.changes, trace.source_column, trace.key_column})
    option->required();
  command.add_option("--mode", simulate.mode, "Changes are pushed (default), or found by polling")
      ->check(one_of({"push", "poll"}));
  command.add_option("--policy", simulate.policy, "price (default), interval:SECONDS or immediate");
  command.add_option("--schedule", simulate.schedule, "CSV to write: a line per call")
      ->check(file_to_write());
  command.add_option("--plot", simulate.plot, "SVG to write: calls, price and staleness over time")
      ->check(file_to_write());
  command.footer(kSimulateExamples);
  return command;
}

CLI::App& add_serve(CLI::App& app, ServeArguments& serve) {
  CLI::App& command =
      *app.add_subcommand("serve", "Platform Sync: serve data sources to the app (--config FILE)");
  CLI::Option* explain =
      command
          .add_option(
              "--explain", serve.explain,
              "EMAIL ID: show the rows that user EMAIL gets of data source ID, and by which rule")
          ->expected(2)
          ->check(named());
  command
      .add_flag("--start-anew", serve.start_anew,
                "Let every phone get all rows at its next sync, and serve nothing")
      ->excludes(explain);
  command.footer(
      "\nThe organization's Private Token comes from WEIR_PRIVATE_TOKEN and from the files "
      "that private_token_file names.\n\nExample:\n  weir serve --config sync.toml");
  return command;
}

CLI::App& add_apply(CLI::App& app, ApplyArguments& apply) {
  CLI::App& command = *app.add_subcommand("apply", "Send single changes from a file");
  command.add_option("--source", apply.source, "ExternalId of the data source")
      ->required()
      ->check(named());
  command.add_option("--changes", apply.changes, "CSV, or NDJSON by its extension")
      ->required()
      ->check(not_empty());
  command.add_option("--key", apply.key, "Column that is the key, default the first");
  add_text_format(command, apply.delimiter, apply.encoding);
  add_key_zero(command, apply.allow_key_zero);
  command.add_flag("--fill-empty", apply.fill_empty,
                   "An upsert may leave columns out: their cells become empty");
  add_keep(command, apply.keep);
  add_example(command, "weir apply --source OUTAGES --changes changes.ndjson");
  return command;
}

CLI::App& add_usage(CLI::App& app, UsageArguments& usage) {
  CLI::App& command =
      *app.add_subcommand("usage", "Today's budget: spent, left, reset, and the latest calls");
  command
      .add_option("--calibrate", usage.calibrate,
                  "Calls today according to the portal; the difference is booked as made by others")
      ->check(whole_number(0, 999'999'999));
  command.add_flag("--yes", usage.yes, "Calibrate also to a number that is unlikely");
  command.add_flag("--move-time-zone", usage.moves_time_zone,
                   "The organization has moved to time_zone in the portal: the store goes with it");
  command.add_flag("--watch", usage.watch, "Show it again every two seconds");
  command.add_flag("--metrics", usage.metrics, "Print metrics for Prometheus's text collector");
  add_example(command, "weir usage --json");
  return command;
}

}  // namespace weir::cli
