#include <weir/rehearsal.h>

#include <iostream>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "commands/commands.h"
#include "commands/daemon_commands.h"
#include "commands/sending.h"
#include "daemon/config/read_config.h"
#include "exit_code.h"
#include "output/printable.h"
#include "output/rehearsal_report.h"
#include "setting_values.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr Milliseconds kOneDay = std::chrono::hours{24};
constexpr Milliseconds kMostDays = 366 * kOneDay;

std::optional<int> whole_days(const std::string& text) {
  const std::optional<Milliseconds> span = duration_of(text);
  if (!span || *span < kOneDay || *span > kMostDays || *span % kOneDay != Milliseconds{0})
    return std::nullopt;
  return static_cast<int>(*span / kOneDay);
}

RehearsalOptions options_of(const daemon::OrgConfig& org, int days, std::stop_token stop) {
  RehearsalOptions options{.days = days, .stop = std::move(stop)};
  for (const daemon::SourceConfig& source : org.sources) {
    if (source.deliver == daemon::Deliver::kSync) {
      options.not_sent.insert(source.id);
    } else {
      options.sources.push_back(source.id);
    }
  }
  options.polls.emplace();
  for (const daemon::PollConfig& poll : org.polls)
    options.polls->push_back({.form = poll.form, .source = poll.source, .pace = poll.pace});
  return options;
}

}  // namespace

int rehearse(const SettingFlags& settings, const std::string& days, const OutputArguments& output) {
  const std::optional<int> count = whole_days(days);
  if (!count) {
    std::cerr << "weir: --rehearse takes whole days from 1d to 366d, such as 7d, not "
              << printable(days) << '\n';
    return kUsage;
  }
  const daemon::ReadConfig read =
      daemon::read_daemon_config(settings.config.value_or("weir.toml"), settings.org);
  if (has_fault(read.findings)) {
    for (const daemon::Finding& finding : read.findings)
      std::cerr << printable(daemon::shown(finding)) << '\n';
    return kConfig;
  }
  std::stop_source stop;
  const StopOnSignal stop_on_signal(stop);
  std::vector<OrgRehearsal> all;
  for (const daemon::OrgConfig& org : read.config.orgs) {
    Result<Rehearsal> rehearsal =
        weir::rehearse(org.client, options_of(org, *count, stop.get_token()));
    if (!rehearsal) return fail(rehearsal.error(), output);
    all.push_back({.org = org.name, .rehearsal = std::move(*rehearsal)});
  }
  if (output.json) {
    std::cout << as_json(all) << '\n';
  } else if (!output.quiet) {
    std::cout << as_text(all);
  }
  return kOk;
}

}  // namespace weir::cli
