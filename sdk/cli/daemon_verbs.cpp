#include "daemon_verbs.h"

#include "flag_checks.h"

namespace weir::cli {

CLI::App& add_check(CLI::App& app, CheckArguments& check) {
  CLI::App& command =
      *app.add_subcommand("check", "List all faults of weir.toml; makes no call, opens no store");
  command.add_flag("--reach", check.reach,
                   "Also connect to databases and over TLS to hosts; sends nothing, so no call");
  command.add_flag("--strict", check.strict,
                   "Take warnings for faults, such as a file that is not there yet");
  command.footer("\nExample:\n  weir check --config /etc/weir/weir.toml");
  return command;
}

CLI::App& add_run(CLI::App& app, RunArguments& run) {
  CLI::App& command =
      *app.add_subcommand("run", "Keep everything in weir.toml fresh, as one daemon");
  CLI::Option* once = command.add_flag(
      "--once", run.once,
      "Do all that is due and end: read and send each source, look at each poll, hand over");
  CLI::Option* dry_run =
      command
          .add_flag("--dry-run", run.dry_run,
                    "Read each source once and show the plan; no call, no handler, no change")
          ->excludes(once);
  command
      .add_option("--rehearse", run.rehearse,
                  "Replay the changes of so many days, such as 7d, with the settings of --config, "
                  "and print calls and staleness beside the real ones; no call, no change")
      ->excludes(once)
      ->excludes(dry_run);
  command.footer(
      "\nExamples:\n  weir run --config /etc/weir/weir.toml\n  weir run --rehearse 7d --config "
      "new.toml");
  return command;
}

CLI::App& add_status(CLI::App& app, StatusArguments& status) {
  CLI::App& command = *app.add_subcommand(
      "status", "Show the work and the troubles of the weir run of this weir.toml");
  command.add_flag("--watch", status.watch, "Show it again every two seconds");
  command.add_flag("--exit-code", status.exit_code, "Exit with 9 when something is wrong");
  return command;
}

CLI::App& add_why(CLI::App& app, WhyArguments& why) {
  CLI::App& command = *app.add_subcommand(
      "why", "Explain why rows wait, a poll looks no sooner, or calls were made; makes no call");
  command.add_option("source", why.source, "ExternalId of the data source whose rows wait")
      ->check(named());
  command.add_option("--poll", why.poll, "Explain why the poll of this name looks no sooner")
      ->check(named());
  command.add_option("--last", why.last, "Explain so many of the last calls, at most 250")
      ->check(whole_number(1, 250));
  command.footer("\nExamples:\n  weir why OUTAGES\n  weir why --last 10");
  return command;
}

CLI::App& add_doctor(CLI::App& app, DoctorArguments& doctor) {
  CLI::App& command = *app.add_subcommand(
      "doctor", "Write a report for troubleshooting, without cells, keys and secrets");
  command
      .add_option("--bundle", doctor.bundle,
                  "Write it to this file, for its owner alone; otherwise to standard output")
      ->check(file_to_write());
  command.footer("\nExample:\n  weir doctor --config /etc/weir/weir.toml --bundle weir-doctor.txt");
  return command;
}

CLI::App& add_init(CLI::App& app) {
  return *app.add_subcommand("init", "Write a commented weir.toml to begin with");
}

CLI::App& add_reload(CLI::App& app) {
  return *app.add_subcommand("reload",
                             "Let the weir run of this weir.toml read it anew; waits for the end");
}

CLI::App& add_release(CLI::App& app, ReleaseArguments& release) {
  CLI::App& command = *app.add_subcommand(
      "release", "Send the snapshot that weir run holds for a data source, whatever it deletes");
  command.add_option("source", release.source, "ExternalId of the data source")
      ->required()
      ->check(named());
  command
      .add_option(
          "--first", release.first,
          "For a data source that is new to the store: adopt the platform's rows, or replace "
          "them")
      ->check(one_of({"replace", "adopt"}));
  command.footer("\nExample:\n  weir release OUTAGES");
  return command;
}

}  // namespace weir::cli
