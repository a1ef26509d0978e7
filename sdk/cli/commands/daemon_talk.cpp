// The commands that speak with a weir run that is there already.
#include "commands/daemon_talk.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>
#include <system_error>
#include <vector>

#include "commands/daemon_commands.h"
#include "commands/sending.h"
#include "daemon/control/control_socket.h"
#include "daemon/seeing/status_text.h"
#include "exit_code.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "settings_file.h"
#include "settings_tree.h"
#include "signals.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

// A reload builds everything anew before it answers, and a question waits for one that is under
// way.
constexpr Milliseconds kPatience = std::chrono::seconds{20};
constexpr Milliseconds kPatienceWithReload = std::chrono::minutes{5};
constexpr Milliseconds kWatchEvery = std::chrono::seconds{2};

bool is_ok(const Json& answer) { return answer.value("ok", false); }

// Of this organization alone, and what concerns all of them.
Result<void> keep_org(Json& status, const std::string& org) {
  const auto names = [&] {
    std::string text;
    for (const Json& one : status["orgs"])
      text += (text.empty() ? "" : ", ") + one.value("org", "");
    return text;
  };
  const auto is_other = [&](const Json& one) { return one.value("org", "") != org; };
  Json orgs = Json::array();
  for (const Json& one : status["orgs"]) {
    if (!is_other(one)) orgs.push_back(one);
  }
  if (org.empty() || orgs.empty()) {
    const std::string all = names();
    return Error{
        .code = ErrorCode::kInvalidConfig,
        .message = "this weir run has no organization " + printable(org) +
                   (all.empty() ? "; it is of one alone, so leave out --org" : "; it has: " + all)};
  }
  Json verdict = Json::array();
  for (const Json& one : status["verdict"]) {
    if (!is_other(one) || one.value("org", "").empty()) verdict.push_back(one);
  }
  status["orgs"] = std::move(orgs);
  status["verdict"] = std::move(verdict);
  return {};
}

// Why the file does not say where the daemon is. None at all is one of no settings.
std::optional<Error> fault_of_place(const SettingsTree& tree, bool is_named) {
  std::error_code unknown;
  if (tree.root.empty() && (is_named || std::filesystem::exists(tree.file, unknown)))
    return first_fault(tree.findings);
  const toml::node* state = tree.root["daemon"]["state_directory"].node();
  if (state == nullptr) return std::nullopt;
  const Finding place = finding_at(state->source(), "");
  std::vector<Finding> faults = tree.findings;
  std::erase_if(faults, [&](const Finding& found) {
    return found.file != place.file || found.line != place.line || found.column != place.column;
  });
  return first_fault(faults);
}

std::string released(const Json& answer) {
  if (!answer.value("is_done", true))
    return "it is released when the reading under way has ended; weir status tells";
  if (answer.value("replaces_all_rows", false))
    return "released; all rows on the platform are replaced by these " +
           std::to_string(answer.value("rows", std::int64_t{0}));
  const std::int64_t deleted = answer.value("deleted", std::int64_t{0});
  return "released" + (deleted > 0 ? "; " + counted(deleted, "row") +
                                         (deleted == 1 ? " is" : " are") + " deleted"
                                   : "");
}

}  // namespace

Result<Json> ask_weir_run(const SettingFlags& settings, const Json& question) {
  const std::string file = settings.config.value_or("weir.toml");
  const SettingsTree tree = read_settings_tree(file);
  if (const auto fault = fault_of_place(tree, settings.config.has_value())) return *fault;
  const std::string folder = tree.store_folder();
  const Result<std::string> answer = daemon::ask_daemon(
      folder.empty() ? "." : folder, question.dump(-1, ' ', false, Json::error_handler_t::replace),
      question.value("verb", "") == "reload" ? kPatienceWithReload : kPatience, stop_of_process());
  if (!answer) return answer.error();
  Json json = Json::parse(*answer, nullptr, false);
  if (json.is_object()) return json;
  return Error{.code = ErrorCode::kUnavailable,
               .message = "weir run gave an answer that is no JSON"};
}

int reload(const SettingFlags& settings, const OutputArguments& output) {
  const Result<Json> answer = ask_weir_run(settings, {{"verb", "reload"}});
  if (!answer) return fail(answer.error(), output);
  if (output.json) {
    std::cout << answer->dump() << '\n';
  } else if (!output.quiet || !is_ok(*answer)) {
    for (const auto& finding : answer->value("findings", Json::array()))
      std::cout << printable(finding.get<std::string>()) << '\n';
    std::cout << (is_ok(*answer) ? "read anew\n" : "refused; nothing was changed\n");
  }
  return is_ok(*answer) ? kOk : kConfig;
}

int status(const SettingFlags& settings, const StatusArguments& arguments,
           const OutputArguments& output) {
  bool is_in_trouble = false;
  do {
    Result<Json> answer = ask_weir_run(settings, {{"verb", "status"}});
    if (!answer) return fail(answer.error(), output);
    if (const Result<void> kept = settings.org && answer->contains("orgs")
                                      ? keep_org(*answer, *settings.org)
                                      : Result<void>();
        !kept)
      return fail(kept.error(), output);
    const Result<daemon::StatusText> shown = daemon::status_text(answer->dump());
    if (!shown) return fail(shown.error(), output);
    is_in_trouble = shown->is_in_trouble;
    if (arguments.watch && ::isatty(STDOUT_FILENO) != 0) std::cout << "\033[2J\033[H";
    if (!output.quiet)
      std::cout << (output.json ? answer->dump() + "\n" : shown->text) << std::flush;
    if (arguments.watch) wait_for_signal(kWatchEvery);
  } while (arguments.watch && signal_received() == 0);
  return arguments.exit_code && is_in_trouble ? kDifferent : kOk;
}

int release(const SettingFlags& settings, const ReleaseArguments& arguments,
            const OutputArguments& output) {
  const Result<Json> answer = ask_weir_run(settings, {{"verb", "release"},
                                                      {"org", settings.org.value_or("")},
                                                      {"source", arguments.source},
                                                      {"first", arguments.first.value_or("")}});
  if (!answer) return fail(answer.error(), output);
  if (!is_ok(*answer))
    return fail({.code = ErrorCode::kInvalidArgument, .message = answer->value("error", "")},
                output);
  if (output.json) {
    std::cout << answer->dump() << '\n';
  } else if (!output.quiet) {
    std::cout << arguments.source << ": " << released(*answer) << '\n';
  }
  return kOk;
}

}  // namespace weir::cli
