#include "daemon/config/read_config.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/config/org_reader.h"
#include "daemon/config/source_reader.h"
#include "daemon/config/table_reader.h"
#include "setting_values.h"
#include "settings_file.h"

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

const toml::table& table_or_nothing(const toml::table& root, std::string_view name) {
  static const toml::table kNothing;
  const toml::table* found = root[name].as_table();
  return found != nullptr ? *found : kNothing;
}

void check_listener(TableReader& reader, const char* name, const std::string& text) {
  if (text.empty() || listen_address(text)) return;
  reader.fault(
      name, R"(must be a host and a port, such as "127.0.0.1:9464", or "unix:/path"; "" is off)");
}

// Absolute; of a file in the current folder the tree has no folder.
std::string state_folder(const cli::SettingsTree& tree) {
  const std::string folder = tree.store_folder();
  return fs::absolute(folder.empty() ? "." : folder).lexically_normal().string();
}

DaemonSettings read_daemon(const cli::SettingsTree& tree, std::vector<Finding>& findings) {
  TableReader reader(table_or_nothing(tree.root, "daemon"), "[daemon]", tree.file, findings);
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
  if (!tree.root.contains("notify")) return notify;
  TableReader reader(table_or_nothing(tree.root, "notify"), "[notify]", tree.file, findings);
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

fs::path canonical(const std::string& path) {
  std::error_code unknown;
  const fs::path found = fs::weakly_canonical(path, unknown);
  return unknown ? fs::absolute(path).lexically_normal() : found;
}

// A file that is there has one number, whatever leads to it.
std::string identity_of(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) == 0)
    return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
  std::string text = canonical(path).string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

// A file or folder that a part of weir.toml uses.
struct FileUse {
  std::string path = {};
  std::string what = {};  // "the store"
  bool is_folder = false;
  bool is_alone = false;     // nobody else may use it; else only who claims it alone
  std::string setting = {};  // that names it,
  std::string place = {};    // in this table, as in "[poll.ENTRIES]"
  const toml::table* table = nullptr;
};

// Things that two parts of the file cannot both have: listeners, stores, and files that one of them
// writes. Files are known by what they are: links and "a/../b" lead to one.
class Claims {
 public:
  Claims(std::string settings_file, std::vector<Finding>& findings)
      : settings_file_(std::move(settings_file)), findings_(findings) {}

  // An address as in `listen`; a port that is picked conflicts with none.
  void listener(const std::string& text, const std::string& owner, const toml::table& table);

  void take(const std::string& thing, const std::string& owner, const toml::table& table);

  // False when it is a fault.
  bool use(const FileUse& file);

  // Files of these names are taken out of the folder, which must be nobody else's. To be called
  // after the uses of all files.
  void take_from_folder(const FileUse& folder, const std::string& pattern);

 private:
  void fault(const FileUse& file, const std::string& what);

  const std::string settings_file_;
  std::vector<Finding>& findings_;
  std::map<std::string, std::string> owners_ = {};
  std::map<std::string, FileUse> files_ = {};
};

void Claims::listener(const std::string& text, const std::string& owner, const toml::table& table) {
  const auto address = listen_address(text);
  if (!address || (address->socket.empty() && address->port == 0)) return;
  take("the address " + text, owner, table);
}

void Claims::take(const std::string& thing, const std::string& owner, const toml::table& table) {
  const auto [found, is_new] = owners_.emplace(thing, owner);
  if (is_new) return;
  TableReader(table, owner, settings_file_, findings_)
      .fault("has " + thing + ", which " + found->second + " has already");
}

bool Claims::use(const FileUse& file) {
  if (file.path.empty()) return true;
  const auto [found, is_new] = files_.emplace(identity_of(file.path), file);
  if (is_new) return true;
  const FileUse& other = found->second;
  // What is wrong with one table by itself is told by its reader.
  const bool is_same_table = !file.place.empty() && other.place == file.place;
  if (is_same_table || (!other.is_alone && !file.is_alone)) return true;
  fault(file, "is " + fs::path(file.path).lexically_normal().string() + ", which is " + other.what +
                  "; give another");
  return false;
}

void Claims::take_from_folder(const FileUse& folder, const std::string& pattern) {
  if (folder.path.empty()) return;
  const std::string identity = identity_of(folder.path);
  for (const auto& [key, file] : files_) {
    const fs::path path = canonical(file.path);
    if (identity_of(path.parent_path().string()) != identity) continue;
    if (file.is_folder || ::fnmatch(pattern.c_str(), path.filename().c_str(), FNM_PERIOD) != 0)
      continue;
    fault(folder, "takes each file of " + folder.path + " that is named like " + pattern +
                      ", so also " + path.filename().string() + ", which is " + file.what +
                      "; give a folder for dropped files alone");
  }
}

// Told beside what else is wrong with the setting.
void Claims::fault(const FileUse& file, const std::string& what) {
  const TableReader reader(*file.table, file.place, settings_file_, findings_);
  findings_.push_back(
      fault_at(reader.where(file.setting),
               file.setting + (file.place.empty() ? "" : " in " + file.place) + " " + what));
}

using Tables = std::map<std::string, const toml::table*>;

// The settings files themselves, by the places of what is in them.
void use_settings_files(Claims& claims, const toml::node& node) {
  if (node.source().path)
    claims.use({.path = *node.source().path, .what = "a settings file of weir run"});
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, inner] : *table) use_settings_files(claims, inner);
  }
}

// All files that settings named so hold: secrets and certificates.
void use_named_files(Claims& claims, const cli::SettingsTree& tree, const toml::table& table) {
  for (const auto& [key, node] : table) {
    if (const toml::table* inner = node.as_table()) use_named_files(claims, tree, *inner);
    if (!key.str().ends_with("_file")) continue;
    for (const std::string& name : cli::texts_in(node)) {
      if (name.empty() || name.starts_with("exec:")) continue;
      claims.use(
          {.path = cli::from_folder_of(tree.file, name), .what = "the " + std::string(key.str())});
    }
  }
}

// A database of a server has no files here.
void use_store(Claims& claims, const OrgConfig& org, const std::string& owner,
               const toml::table& table) {
  const std::string& store = org.client.store;
  if (store.empty()) return;
  if (store.find("://") != std::string::npos)
    return claims.take("the store " + store, owner, table);
  const std::string place = org.name.empty() ? "" : owner;
  const std::string whose = org.name.empty() ? "" : " of " + owner;
  const bool is_ours = claims.use({.path = store,
                                   .what = "the store" + whose,
                                   .is_alone = true,
                                   .setting = "store",
                                   .place = place,
                                   .table = &table});
  if (!is_ours) return;
  for (const char* end : {"-wal", "-shm", "-journal", ".lock"})
    claims.use({.path = store + end,
                .what = "a file of the store" + whose,
                .is_alone = true,
                .setting = "store",
                .place = place,
                .table = &table});
}

std::string table_name(const OrgConfig& org, const std::string& kind, const std::string& name) {
  return "[" + (org.name.empty() ? "" : "org." + org.name + ".") + kind + "." + name + "]";
}

// What a part that is named like this uses; `setting` names it.
FileUse use_of(const std::string& path, const std::string& setting, const std::string& place,
               const toml::table* table) {
  return {.path = path,
          .what = setting + " of " + place,
          .setting = setting,
          .place = place,
          .table = table};
}

void use_read_files(Claims& claims, const OrgConfig& org, const toml::table& table) {
  for (const SourceConfig& source : org.sources) {
    const std::string place = table_name(org, "source", source.id);
    const toml::table* here = table["source"][source.id].as_table();
    if (!source.origin || here == nullptr) continue;
    if (const auto* file = std::get_if<FileOrigin>(&*source.origin))
      claims.use(use_of(file->path, file->kind == FileKind::kCsv ? "csv" : "ndjson", place, here));
    if (const auto* folder = std::get_if<DirectoryOrigin>(&*source.origin)) {
      FileUse done = use_of(folder->move_to, "done", place, here);
      done.is_folder = true;
      claims.use(done);
      FileUse failed = use_of(folder->failed, "directory", place, here);
      failed.is_folder = true;
      failed.what = "the folder of refused files of " + place;
      claims.use(failed);
    }
  }
  constexpr std::string_view kSqlite = "sqlite3://";
  for (const PollConfig& poll : org.polls) {
    const auto* insert = std::get_if<InsertHandler>(&poll.handler);
    const toml::table* here = table["poll"][poll.name].as_table();
    if (insert == nullptr || here == nullptr) continue;
    if (insert->database.address.starts_with(kSqlite))
      claims.use(use_of(insert->database.address.substr(kSqlite.size()), "database",
                        table_name(org, "poll", poll.name), here));
  }
}

void use_written_files(Claims& claims, const OrgConfig& org, const toml::table& table) {
  for (const PollConfig& poll : org.polls) {
    const auto* append = std::get_if<AppendHandler>(&poll.handler);
    const toml::table* here = table["poll"][poll.name].as_table();
    if (append == nullptr || here == nullptr) continue;
    FileUse file = use_of(append->path, "append", table_name(org, "poll", poll.name), here);
    file.is_alone = true;
    claims.use(file);
  }
}

// Once as a folder, and then for what is in it.
void use_folders(Claims& claims, const OrgConfig& org, const toml::table& table, bool is_last) {
  for (const SourceConfig& source : org.sources) {
    const toml::table* here = table["source"][source.id].as_table();
    if (!source.origin || here == nullptr) continue;
    const auto* folder = std::get_if<DirectoryOrigin>(&*source.origin);
    if (folder == nullptr) continue;
    FileUse use = use_of(folder->path, "directory", table_name(org, "source", source.id), here);
    use.is_alone = true;
    use.is_folder = true;
    if (is_last) {
      claims.take_from_folder(use, folder->pattern);
    } else {
      claims.use(use);
    }
  }
}

void use_files(Claims& claims, const cli::SettingsTree& tree, const DaemonConfig& config) {
  use_settings_files(claims, tree.root);
  use_named_files(claims, tree, tree.root);
  Tables tables;
  for (const OrgConfig& org : config.orgs) {
    if (const Result<const toml::table*> table = tree.org(org.name)) tables[org.name] = *table;
  }
  const auto each = [&](const auto& use) {
    for (const OrgConfig& org : config.orgs) {
      if (tables.contains(org.name)) use(org, *tables.at(org.name));
    }
  };
  each([&](const OrgConfig& org, const toml::table& table) {
    use_store(claims, org, org.name.empty() ? "this organization" : "[org." + org.name + "]",
              table);
  });
  each([&](const auto& org, const auto& table) { use_read_files(claims, org, table); });
  each([&](const auto& org, const auto& table) { use_folders(claims, org, table, false); });
  each([&](const auto& org, const auto& table) { use_written_files(claims, org, table); });
  each([&](const auto& org, const auto& table) { use_folders(claims, org, table, true); });
}

void check_claims(const cli::SettingsTree& tree, const DaemonConfig& config,
                  std::vector<Finding>& findings) {
  Claims claims(tree.file, findings);
  const toml::table& daemon = table_or_nothing(tree.root, "daemon");
  claims.listener(config.daemon.listen, "listen of [daemon]", daemon);
  claims.listener(config.daemon.receive, "receive of [daemon]", daemon);
  for (const OrgConfig& org : config.orgs) {
    const Result<const toml::table*> table = tree.org(org.name);
    if (!table) continue;
    const std::string owner = org.name.empty() ? "this organization" : "[org." + org.name + "]";
    if (org.sync) claims.listener(org.sync->listen, "the Platform Sync of " + owner, **table);
    if (org.client.company_id > 0)
      claims.take(
          "the company_id " + std::to_string(org.client.company_id) + " at " + org.client.url,
          owner, **table);
  }
  use_files(claims, tree, config);
}

}  // namespace

ReadConfig read_daemon_config(const std::string& file, const std::optional<std::string>& org) {
  cli::SettingsTree tree = cli::read_settings_tree(file);
  ReadConfig read{.config = {.file = fs::absolute(file).lexically_normal()},
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
