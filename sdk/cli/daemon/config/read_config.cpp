#include "daemon/config/read_config.h"

#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/config/claim_check.h"
#include "daemon/config/org_reader.h"
#include "daemon/config/source_reader.h"
#include "daemon/config/table_reader.h"
#include "setting_values.h"
#include "settings_file.h"

namespace weir::daemon {
namespace {

void check_listener(TableReader& reader, const char* name, const std::string& text) {
  if (text.empty() || listen_address(text)) return;
  reader.fault(
      name, R"(must be a host and a port, such as "127.0.0.1:9464", or "unix:/path"; "" is off)");
}

// Absolute; of a file in the current folder the tree has no folder.
std::string state_folder(const cli::SettingsTree& tree) {
  const std::string folder = tree.store_folder();
  return cli::absolute_path(folder.empty() ? "." : folder);
}

DaemonSettings read_daemon(const cli::SettingsTree& tree, std::vector<Finding>& findings) {
  TableReader reader(tree.top_table("daemon"), "[daemon]", tree.file, findings);
  const DaemonSettings otherwise;
  DaemonSettings daemon{.listen = reader.text("listen", otherwise.listen),
                        .receive = reader.text("receive"),
                        .state_directory = state_folder(tree),
                        .handlers = reader.number("handlers", otherwise.handlers),
                        .stop_within = reader.duration("stop_within", otherwise.stop_within),
                        .logs_json = reader.text("log") == "json",
                        .history = reader.duration("history", otherwise.history),
                        .history_bytes = reader.size("history_bytes", otherwise.history_bytes),
                        .listen_place = reader.where("listen"),
                        .receive_place = reader.where("receive"),
                        .state_directory_place = reader.where("state_directory")};
  check_listener(reader, "listen", daemon.listen);
  check_listener(reader, "receive", daemon.receive);
  return daemon;
}

NotifySettings read_notify(const cli::SettingsTree& tree, std::vector<Finding>& findings) {
  NotifySettings notify;
  if (!tree.root["notify"].is_table()) return notify;
  TableReader reader(tree.top_table("notify"), "[notify]", tree.file, findings);
  notify.webhook = reader.text("webhook");
  notify.secret = read_webhook_secret(reader);
  notify.command = read_command(reader);
  notify.budget_percent = cli::share_of(reader.text("budget")).value_or(notify.budget_percent);
  notify.failing_after = reader.duration("failing_after", notify.failing_after);
  if (reader.has("webhook") == reader.has("command"))
    reader.fault("must say who is told: webhook or command, one of them");
  if (reader.has("webhook")) {
    if (const auto problem = web_problem(notify.webhook)) reader.fault("webhook", *problem);
  } else if (reader.has("secret_file")) {
    reader.fault("secret_file", "means nothing here; it belongs to webhook");
  }
  notify.place = reader.where();
  notify.is_sound = reader.is_wholly_sound();
  return notify;
}

// Each organization's store has its own.
OrgConfig with_history(OrgConfig org, const DaemonSettings& daemon) {
  org.client.history = daemon.history;
  org.client.history_bytes = daemon.history_bytes;
  org.fingerprint +=
      " " + std::to_string(daemon.history.count()) + " " + std::to_string(daemon.history_bytes);
  return org;
}

}  // namespace

ReadConfig read_daemon_config(const std::string& file, const std::optional<std::string>& org) {
  cli::SettingsTree tree = cli::read_settings_tree(file);
  ReadConfig read{.config = {.file = cli::absolute_path(file)},
                  .findings = std::move(tree.findings)};
  // Nothing of it could be read.
  if (tree.root.empty() && has_fault(read.findings)) return read;
  read.config.daemon = read_daemon(tree, read.findings);
  read.config.notify = read_notify(tree, read.findings);
  if (org) {
    if (const Result<const toml::table*> known = tree.org(org); !known) {
      read.findings.push_back({.file = file, .text = known.error().message});
      return read;
    }
  }
  for (const std::string& name : tree.org_names()) {
    if (org && name != *org) continue;
    if (const Result<const toml::table*> table = tree.org(name))
      read.config.orgs.push_back(
          with_history(read_org(tree, name, **table, read.findings), read.config.daemon));
  }
  check_claims(tree, read.config, read.findings);
  put_in_order(read.findings);
  return read;
}

}  // namespace weir::daemon
