// weir backfill: entries of a past time for the handler of a poll.
#include "daemon/entries/backfill.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands/commands.h"
#include "commands/known_names.h"
#include "commands/sending.h"
#include "daemon/entries/poll_task.h"
#include "exit_code.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"
#include "output/zone_time.h"
#include "setting_table.h"
#include "settings_tree.h"
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
  return is_answered_by_yes("go on?");
}

void print_backfill(const BackfillReport& report, const OutputArguments& output) {
  if (output.json) {
    const nlohmann::ordered_json json = {
        {"entries", report.entries}, {"calls", report.calls}, {"complete", report.is_complete}};
    std::cout << json.dump() << '\n';
  } else if (!output.quiet) {
    std::cout << counted(report.entries, "entry", "entries")
              << (report.entries == 1 ? " waits" : " wait") << " for the handler; "
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

// "; did you mean A? It has: A, B"
std::string of_those(const std::string& name, const std::vector<std::string>& known) {
  if (known.empty()) return "; it has no poll at all";
  const std::vector<std::string_view> names(known.begin(), known.end());
  const auto near = nearest(name, names);
  std::string text = near ? "; did you mean " + *near + "?" : ";";
  text += near ? " It has: " : " it has: ";
  for (const std::string& each : known) text += (&each == &known.front() ? "" : ", ") + each;
  return text;
}

// The poll whose queue is filled, and the form that is read for it.
Result<daemon::PollConfig> poll_of(const SettingFlags& settings,
                                   const BackfillArguments& arguments) {
  if (!arguments.poll) {
    if (!arguments.form.empty())
      return daemon::PollConfig{.name = "form " + arguments.form, .form = arguments.form};
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "--poll NAME or --form F is required: whose entries are to be read"};
  }
  const std::string file = settings.config.value_or("weir.toml");
  const SettingsTree tree = read_settings_tree(file);
  if (const auto fault = first_fault(tree.findings)) return *fault;
  const Result<const toml::table*> org = tree.org(settings.org);
  if (!org) return org.error();
  const toml::table* polls = (**org)["poll"].as_table();
  std::vector<std::string> known;
  if (polls != nullptr) {
    for (const auto& [name, node] : *polls) known.emplace_back(name.str());
  }
  const auto problem = [&](const std::string& what) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = what};
  };
  if (std::find(known.begin(), known.end(), *arguments.poll) == known.end())
    return problem("--poll " + printable(*arguments.poll) + " is no poll of " + file +
                   printable(of_those(*arguments.poll, known)));
  const toml::node_view<const toml::node> poll = (*polls)[*arguments.poll];
  const std::string form = poll["form"].value_or(std::string());
  if (form.empty())
    return problem("--poll " + printable(*arguments.poll) +
                   " is of a data source; only entries of forms are read again");
  daemon::PollConfig config{.name = *arguments.poll, .form = form};
  config.answer_format = poll["answers"].value_or(config.answer_format);
  return config;
}

}  // namespace

int backfill(const SettingFlags& settings, const BackfillArguments& arguments,
             const OutputArguments& output) {
  const Result<daemon::PollConfig> poll = poll_of(settings, arguments);
  if (!poll)
    return fail(poll.error(), output),
           poll.error().code == ErrorCode::kInvalidArgument ? kUsage : kConfig;
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
  if (*from > system_clock()->now())
    return fail({.code = ErrorCode::kInvalidArgument,
                 .message = "--from " + arguments.from +
                            " is yet to come: no entry can have been received since"},
                output),
           kUsage;
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kCalls);
  if (!client) return fail(client.error(), output);
  if (arguments.poll)
    if (Result<void> known = require_known_poll(*client, settings, *arguments.poll); !known)
      return fail(known.error(), output);
  const StopOnSignal stop(*client);
  const Result<BackfillReport> report =
      daemon::backfill(*client, *poll,
                       {.from = *from,
                        .before = *after,
                        .max_calls = arguments.max_calls,
                        .stop = stop_of_process()},
                       [&](const BackfillPlan& plan) { return is_wanted(plan, arguments.yes); });
  if (!report) return fail(report.error(), output);
  if (report->entries > 0) tell_of_handover(*client, *poll);
  print_backfill(*report, output);
  return signal_received() != 0 ? 128 + signal_received() : kOk;
}

}  // namespace weir::cli
