// weir backfill: entries of a past time for the handler of a poll.
#include "daemon/entries/backfill.h"

#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "commands/commands.h"
#include "commands/known_names.h"
#include "commands/sending.h"
#include "daemon/entries/poll_task.h"
#include "exit_code.h"
#include "output/numbers.h"
#include "output/report.h"
#include "output/zone_time.h"
#include "signals.h"

namespace weir::cli {
namespace {

using daemon::BackfillPlan;
using daemon::BackfillReport;

// What a person is asked, and everybody told.
std::string plan_text(const BackfillPlan& plan) {
  return counted(plan.entries, "entry", "entries") + ", " +
         counted(plan.calls_spent + plan.calls_to_come, "call") +
         (plan.calls_spent > 0 ? " (1 is spent, to know that)" : "");
}

bool is_wanted(const BackfillPlan& plan, bool is_said) {
  std::cerr << "weir: " << plan_text(plan) << '\n';
  if (is_said || plan.calls_to_come == 0) return true;
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return true;
  std::cerr << "weir: go on? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

void print_backfill(const BackfillReport& report, const OutputArguments& output) {
  if (output.json) {
    const nlohmann::ordered_json json = {
        {"entries", report.entries}, {"calls", report.calls}, {"complete", report.is_complete}};
    std::cout << json.dump() << '\n';
  } else if (!output.quiet) {
    std::cout << counted(report.entries, "entry", "entries") << " wait for the handler; "
              << counted(report.calls, "call")
              << (report.is_complete ? "" : "; the same command goes on from here") << '\n';
  }
}

// Nobody hands over what nobody works on.
void tell_of_handover(Client& client, const daemon::PollConfig& poll) {
  const Result<std::optional<Claim>> claim = client.claim(daemon::poll_claim(poll));
  if (claim && claim->has_value())
    std::cerr << "weir: nobody polls this form now; the entries wait for weir poll or weir run\n";
}

}  // namespace

int backfill(const SettingFlags& settings, const BackfillArguments& arguments,
             const OutputArguments& output) {
  const Result<OrgSettings> org = load_org_settings(settings);
  if (!org) return fail(org.error(), output);
  const auto from = day_in_zone(arguments.from, org->time_zone, 0);
  const auto after = day_in_zone(arguments.to, org->time_zone, 1);
  if (!from || !after || *from >= *after)
    return fail({.code = ErrorCode::kInvalidArgument,
                 .message = "--from and --to are days, such as 2026-11-01, the first no later than "
                            "the last"},
                output),
           kUsage;
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kCalls);
  if (!client) return fail(client.error(), output);
  if (arguments.poll)
    if (Result<void> known = require_known_poll(*client, settings, *arguments.poll); !known)
      return fail(known.error(), output);
  const StopOnSignal stop(*client);
  const daemon::PollConfig poll{.name = arguments.poll.value_or("form " + arguments.form),
                                .form = arguments.form};
  const Result<BackfillReport> report =
      daemon::backfill(*client, poll,
                       {.from = *from,
                        .to = *after - std::chrono::seconds{1},
                        .max_calls = arguments.max_calls,
                        .stop = stop_of_process()},
                       [&](const BackfillPlan& plan) { return is_wanted(plan, arguments.yes); });
  if (!report) return fail(report.error(), output);
  if (report->entries > 0) tell_of_handover(*client, poll);
  print_backfill(*report, output);
  return signal_received() != 0 ? 128 + signal_received() : kOk;
}

}  // namespace weir::cli
