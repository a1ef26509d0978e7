// The flags and help of the verbs about entries.
#include "flag_checks.h"
#include "verbs.h"

namespace weir::cli {
CLI::App& add_entries(CLI::App& app, EntriesArguments& entries, OutputArguments& output) {
  CLI::App& command =
      *app.add_subcommand("entries", "Entries of polls that no handler has taken yet");
  command.require_subcommand(1);
  command.fallthrough();
  const auto add = [&](const char* name, const char* text, EntriesArguments::Verb verb) {
    CLI::App& sub = *command.add_subcommand(name, text);
    sub.add_option("id", entries.ids, "Dead letters by their ids, or entries by theirs");
    sub.add_option("--poll", entries.poll, "Those of this poll")->check(named());
    sub.callback([&entries, verb] { entries.verb = verb; });
    add_output(sub, output);
    return &sub;
  };
  add("list", "List waiting entries and dead letters; costs no call",
      EntriesArguments::Verb::kList);
  CLI::App* retry = add("retry", "Let dead letters be handed over again by the running daemon",
                        EntriesArguments::Verb::kRetry);
  CLI::App* drop = add("drop", "Remove dead letters, or a waiting entry by its id",
                       EntriesArguments::Verb::kDrop);
  for (CLI::App* sub : {retry, drop}) sub->add_flag("--all", entries.all, "All dead letters");
  command.footer("\nExample:\n  weir entries retry --poll INSPECTION");
  return command;
}

CLI::App& add_poll(CLI::App& app, PollArguments& poll) {
  CLI::App& command = *app.add_subcommand(
      "poll",
      "Look for form entries or changed rows as often as it is worth a call, without weir run");
  command.add_option("--form", poll.form, "Id or ExternalId of the form")->check(named());
  command.add_option("--source", poll.source, "ExternalId of a data source that others change")
      ->check(named());
  command.add_option("--to", poll.to, "Append each entry as a line of JSON to this file")
      ->check(file_to_write());
  command
      .add_option("--exec", poll.exec,
                  "Run this shell command for each entry, with the entry as JSON on its standard "
                  "input: exit 0 is done, 65 never, any other again")
      ->check(named());
  command.add_option("--since", poll.since,
                     "For a form never polled before: leave out entries received before this, "
                     "such as 2026-11-01 or 2026-11-01T08:00:00Z");
  command.add_flag("--once", poll.once, "Look now, hand over the entries, and end");
  command.add_option("--max", poll.max, "End after so many entries")->check(whole_number(1));
  command
      .add_option("--receiver-port", poll.receiver_port,
                  "Also take deliveries of the form connector at this port of 127.0.0.1, behind a "
                  "proxy with TLS; 0 picks a free one")
      ->check(whole_number(0, 65535));
  command.footer("\nExample:\n  weir poll --form INSPECTION --once");
  return command;
}

CLI::App& add_backfill(CLI::App& app, BackfillArguments& backfill) {
  CLI::App& command = *app.add_subcommand(
      "backfill", "Read entries of past days again for the handler of a poll; one call for 250");
  CLI::Option* form = command
                          .add_option("--form", backfill.form,
                                      "Id or ExternalId of the form, for the next weir poll --form")
                          ->check(named());
  command
      .add_option("--poll", backfill.poll,
                  "The [poll.NAME] of weir.toml whose handler gets entries of its form")
      ->check(named())
      ->excludes(form);
  command.add_option("--from", backfill.from, "First day of receipt, such as 2026-11-01")
      ->required();
  command.add_option("--to", backfill.to, "Last day of receipt")->required();
  command
      .add_option("--max-calls", backfill.max_calls,
                  "End after so many calls; the same command goes on from there")
      ->check(whole_number(1));
  command.add_flag("--yes", backfill.yes, "Do not ask at a terminal");
  command.footer(
      "\nExample:\n  weir backfill --poll INSPECTION --from 2026-11-01 --to 2026-11-07 --yes");
  return command;
}

}  // namespace weir::cli
