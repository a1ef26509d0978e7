#include <iostream>
#include <nlohmann/json.hpp>

#include "commands/daemon_commands.h"
#include "daemon/check/build_check.h"
#include "daemon/check/place_check.h"
#include "daemon/check/reach_check.h"
#include "daemon/config/read_config.h"
#include "exit_code.h"
#include "output/printable.h"
#include "signals.h"

namespace weir::cli {
namespace {

using daemon::Finding;

nlohmann::ordered_json as_json(const Finding& finding) {
  return {{"level", finding.level == Finding::Level::kFault ? "fault" : "warning"},
          {"file", finding.file},
          {"line", finding.line},
          {"column", finding.column},
          {"text", finding.text}};
}

std::string counted(std::size_t count, const std::string& one, const std::string& several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

std::string summary(const daemon::DaemonConfig& config) {
  std::size_t sources = 0;
  std::size_t polls = 0;
  for (const daemon::OrgConfig& org : config.orgs) {
    sources += org.sources.size();
    polls += org.polls.size();
  }
  return counted(config.orgs.size(), "organization", "organizations") + ", " +
         counted(sources, "data source", "data sources") + ", " + counted(polls, "poll", "polls");
}

void print_json(const daemon::ReadConfig& read, bool is_usable) {
  nlohmann::ordered_json json = {{"ok", is_usable}, {"findings", nlohmann::json::array()}};
  for (const Finding& finding : read.findings) json["findings"].push_back(as_json(finding));
  std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace

int check(const SettingFlags& settings, const CheckArguments& arguments,
          const OutputArguments& output) {
  const std::string file = settings.config.value_or("weir.toml");
  daemon::ReadConfig read = daemon::read_daemon_config(file, settings.org);
  const auto add = [&](std::vector<Finding> found) {
    read.findings.insert(read.findings.end(), found.begin(), found.end());
  };
  add(daemon::check_places(read.config));
  add(daemon::check_build(read.config, read.findings));
  if (arguments.reach) add(daemon::check_reach(read.config, stop_of_process()));
  if (signal_received() != 0) return 128 + signal_received();
  daemon::put_in_order(read.findings);
  const bool is_usable = !has_fault(read.findings) && (!arguments.strict || read.findings.empty());
  if (output.json) {
    print_json(read, is_usable);
  } else {
    for (const Finding& finding : read.findings)
      std::cout << printable(daemon::shown(finding)) << '\n';
    if (is_usable && !output.quiet)
      std::cout << file << ": can be used: " << summary(read.config) << '\n';
  }
  return is_usable ? kOk : kConfig;
}

}  // namespace weir::cli
