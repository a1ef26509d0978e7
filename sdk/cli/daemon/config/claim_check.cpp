#include "daemon/config/claim_check.h"

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/config/claims.h"
#include "daemon/config/table_reader.h"
#include "setting_values.h"
#include "settings_file.h"

namespace weir::daemon {
namespace {

using Tables = std::map<std::string, const toml::table*>;

// The settings files themselves, by the places of what is in them.
void use_settings_files(Claims& claims, const toml::node& node) {
  if (node.source().path)
    claims.use(
        {.path = *node.source().path, .what = "a settings file of weir run", .is_private = true});
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
      claims.use({.path = cli::from_folder_of(tree.file, name),
                  .what = "the " + std::string(key.str()),
                  .is_private = true,
                  .setting = std::string(key.str()),
                  .table = &table});
    }
  }
}

// Of weir run itself.
void use_state_files(Claims& claims, const std::string& folder) {
  for (const char* name : {"control.sock", "daemon.lock", "notify.json"})
    claims.use({.path = folder + "/" + name, .what = "a file of weir run", .is_alone = true});
}

// A database of a server has no files here.
void use_store(Claims& claims, const OrgConfig& org, const std::string& owner,
               const toml::table& table) {
  const std::string& store = org.client.store;
  if (store.empty()) return;
  if (store.find("://") != std::string::npos)
    return claims.take("the store " + store, "the store " + store, owner, table);
  const std::string place = org.name.empty() ? "" : owner;
  const std::string whose = org.name.empty() ? "" : " of " + owner;
  const bool is_ours = claims.use({.path = store,
                                   .what = "the store" + whose,
                                   .is_alone = true,
                                   .setting = "store",
                                   .place = place,
                                   .table = &table});
  if (!is_ours) return;
  for (const char* end : {"-wal", "-shm", "-journal", ".lock", ".ballast", ".seen"})
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
  use_state_files(claims, config.daemon.state_directory);
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

}  // namespace

void check_claims(const cli::SettingsTree& tree, const DaemonConfig& config,
                  std::vector<Finding>& findings) {
  Claims claims(tree.file, findings);
  const toml::table& daemon = tree.top_table("daemon");
  claims.listener(config.daemon.listen, "listen of [daemon]", daemon);
  claims.listener(config.daemon.receive, "receive of [daemon]", daemon);
  for (const OrgConfig& org : config.orgs) {
    const Result<const toml::table*> table = tree.org(org.name);
    if (!table) continue;
    const std::string owner = org.name.empty() ? "this organization" : "[org." + org.name + "]";
    if (org.sync) claims.listener(org.sync->listen, "the Platform Sync of " + owner, **table);
    const std::string company = "the company_id " + std::to_string(org.client.company_id) + " at ";
    if (org.client.company_id > 0)
      claims.take(company + plain_url(org.client.url), company + org.client.url, owner, **table);
  }
  use_files(claims, tree, config);
}

std::optional<std::string> overwritten_file(const cli::SettingsTree& tree,
                                            const std::vector<std::string>& stores,
                                            const std::vector<FlagFile>& read,
                                            const std::vector<FlagFile>& written) {
  // Conflicts within the file are for weir check.
  std::vector<Finding> untold;
  Claims claims(tree.file, untold);
  const std::string folder = tree.store_folder();
  use_state_files(claims, folder.empty() ? "." : folder);
  claims.use({.path = tree.file, .what = "the settings file"});
  use_settings_files(claims, tree.root);
  use_named_files(claims, tree, tree.root);
  for (const std::string& store : stores) {
    OrgConfig org;
    org.client.store = store;
    use_store(claims, org, "", tree.root);
  }
  for (const FlagFile& file : read)
    claims.use({.path = file.path, .what = "the file of " + file.flag});
  for (const FlagFile& file : written) {
    if (const FileUse* owner = claims.owner_of(file.path))
      return file.flag + " is " + file.path + ", which is " + owner->what +
             " and would be lost; give another file";
    claims.use({.path = file.path, .what = "the file of " + file.flag});
  }
  return std::nullopt;
}

}  // namespace weir::daemon
