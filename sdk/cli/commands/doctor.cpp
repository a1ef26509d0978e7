// weir doctor: one text with all that helps to see what is wrong. What cannot be had is named, and
// the rest is still told.
#include <filesystem>
#include <iostream>
#include <random>
#include <system_error>
#include <utility>

#include "commands/daemon_commands.h"
#include "commands/daemon_talk.h"
#include "commands/doctor_system.h"
#include "commands/sending.h"
#include "daemon/config/read_config.h"
#include "daemon/process/whole_file.h"
#include "daemon/seeing/bundle.h"
#include "daemon/seeing/status_text.h"
#include "exit_code.h"
#include "settings_shown.h"
#include "settings_tree.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSaltBytes = 16;

// Of the store that there is; none is made.
Result<Client> open_as_it_is(const SettingFlags& settings, const OutputArguments& output,
                             Progress& progress) {
  const Result<Settings> read = read_settings(settings, Needs::kStore);
  if (!read) return read.error();
  const std::string& store = read->client.store;
  std::error_code unknown;
  if (store.find("://") == std::string::npos && !std::filesystem::exists(store, unknown))
    return Error{.code = ErrorCode::kStoreUnusable, .message = "there is no store " + store};
  return open_client(settings, output, progress, Needs::kStore);
}

// The value, or an empty one and the reason among the problems.
template <class Value>
Value or_problem(Result<Value> found, std::string& problem) {
  if (found) return std::move(*found);
  problem += found.error().message + "\n";
  return {};
}

daemon::BundleOrg org_of(const SettingFlags& of_org, const OutputArguments& output) {
  daemon::BundleOrg org{.name = of_org.org.value_or("")};
  Progress progress(false);
  const Result<Client> client = open_as_it_is(of_org, output, progress);
  if (!client) {
    org.problem = client.error().message;
    return org;
  }
  org.store = client->store_state();
  org.store_files = store_files(org.store.location);
  std::string problem;
  org.damage = or_problem(client->check_store(), problem);
  org.usage = or_problem(client->usage(), problem);
  org.days = or_problem(client->calls_by_day(), problem);
  org.outbox = or_problem(client->outbox(), problem);
  org.advice = or_problem(client->advise(), problem);
  if (!problem.empty()) org.damage.push_back(problem);
  return org;
}

std::string status_of(const SettingFlags& settings) {
  const Result<Json> answer = ask_weir_run(settings, {{"verb", "status"}});
  if (!answer) return answer.error().message;
  const Result<daemon::StatusText> text = daemon::status_text(answer->dump());
  return text ? text->text : text.error().message;
}

std::vector<std::string> log_of(const SettingFlags& settings) {
  const Result<Json> answer = ask_weir_run(settings, {{"verb", "log"}});
  std::vector<std::string> log;
  if (!answer) return log;
  for (const auto& line : answer->value("lines", Json::array()))
    if (line.is_string()) log.push_back(line.get<std::string>());
  return log;
}

void add_secret(std::vector<std::string>& secrets, const Secret& secret) {
  if (!secret.empty()) secrets.emplace_back(secret.reveal());
}

// Made up anew each time, and told to nobody.
std::string salt() {
  std::random_device device;
  std::string bytes(kSaltBytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(device());
  return bytes;
}

// Should a message have one of them in it.
std::vector<std::string> secrets_of(const daemon::DaemonConfig& config) {
  std::vector<std::string> secrets;
  add_secret(secrets, config.notify.secret);
  for (const daemon::OrgConfig& org : config.orgs) {
    add_secret(secrets, org.client.integration_key);
    if (org.sync)
      for (const Secret& token : org.sync->private_tokens) add_secret(secrets, token);
    for (const daemon::PollConfig& poll : org.polls)
      if (const auto* webhook = std::get_if<daemon::WebhookHandler>(&poll.handler))
        add_secret(secrets, webhook->secret);
  }
  return secrets;
}

daemon::Bundle bundle_of(const SettingFlags& settings, const OutputArguments& output) {
  const std::string file = settings.config.value_or("weir.toml");
  const SettingsTree tree = read_settings_tree(file);
  const daemon::ReadConfig read = daemon::read_daemon_config(file, settings.org);
  const std::string folder = tree.store_folder();
  daemon::Bundle bundle{.now = system_clock()->now(),
                        .system = system_facts(folder.empty() ? "." : folder),
                        .settings = shown_settings(tree),
                        .status = status_of(settings),
                        .log = log_of(settings),
                        .secrets = secrets_of(read.config),
                        .salt = salt()};
  for (const daemon::Finding& finding : read.findings)
    bundle.check.push_back(daemon::shown(finding));
  for (const std::string& name : tree.org_names()) {
    if (settings.org && name != *settings.org) continue;
    SettingFlags of_org = settings;
    of_org.config = file;
    if (!name.empty()) of_org.org = name;
    bundle.orgs.push_back(org_of(of_org, output));
  }
  return bundle;
}

}  // namespace

int doctor(const SettingFlags& settings, const DoctorArguments& arguments,
           const OutputArguments& output) {
  const std::string text = daemon::bundle_text(bundle_of(settings, output));
  if (arguments.bundle.empty()) {
    std::cout << text;
    return kOk;
  }
  if (Result<void> written = daemon::write_whole_file(arguments.bundle, text); !written)
    return fail({.code = ErrorCode::kInvalidArgument, .message = written.error().message}, output);
  if (output.json) {
    std::cout << Json{{"bundle", arguments.bundle}}.dump() << '\n';
  } else if (!output.quiet) {
    std::cout << arguments.bundle << ": read it before you send it\n";
  }
  return kOk;
}

}  // namespace weir::cli
