#include "serve_config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <variant>

#include "daemon/config/addresses.h"
#include "daemon/config/read_config.h"
#include "daemon/control/daemon_lock.h"
#include "daemon/sources/make_source.h"
#include "daemon/sources/query_origin.h"
#include "input/row_sources.h"
#include "push_settings.h"
#include "setting_table.h"
#include "settings_file.h"
#include "settings_tree.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kBytesPerMegabyte = 1024 * 1024;

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

// What would be deleted on every phone is held to the same limit as what a push deletes.
void set_guard(SyncSource& source, const std::optional<DeletesLimit>& limit) {
  source.guard_deletes = true;
  if (!limit) return;
  source.max_deletes = limit->rows;
  source.max_deletes_percent = limit->percent;
}

// Objects need not have all members, so the columns that are set say which there are.
std::vector<SourceColumn> members(std::vector<std::string> names, const std::string& user_column) {
  std::vector<SourceColumn> columns;
  if (!names.empty() && !user_column.empty()) names.push_back(user_column);
  for (const std::string& name : names) {
    const auto is_same = [&](const SourceColumn& column) { return column.name == name; };
    if (std::none_of(columns.begin(), columns.end(), is_same))
      columns.push_back({.name = name, .from = name});
  }
  return columns;
}

// Of the flag or the environment; 0: it is no number. Empty: neither has one.
std::optional<std::int64_t> given_company_id(const SettingFlags& flags) {
  const char* variable = std::getenv("WEIR_COMPANY_ID");
  const std::string text = flags.company_id      ? *flags.company_id
                           : variable != nullptr ? variable
                                                 : "";
  if (text.empty()) return std::nullopt;
  const bool is_number =
      text.size() < 18 && text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::stoll(text) : 0;
}

// A table of the file, and what messages call it. The first mistake is kept; reading goes on.
class Section {
 public:
  Section(const toml::table& table, std::string name, std::optional<Error>& problem)
      : table_(table), name_(std::move(name)), problem_(problem) {}

  bool has(std::string_view key) const { return table_.contains(key); }

  std::string text(std::string_view key) const { return read<std::string>(key, "a text", ""); }
  bool flag(std::string_view key) const { return read<bool>(key, "true or false", false); }
  std::int64_t number(std::string_view key, std::int64_t otherwise) const {
    return read<std::int64_t>(key, "a whole number", otherwise);
  }
  // A number of rows, or a share.
  std::optional<DeletesLimit> deletes(std::string_view key) const {
    if (!has(key)) return std::nullopt;
    const auto number = table_[key].value_exact<std::int64_t>();
    return read_deletes(number ? std::to_string(*number) : text(key));
  }
  // One text or a list of them.
  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> values;
    const toml::array* list = table_[key].as_array();
    if (list == nullptr) {
      if (has(key)) values.push_back(text(key));
      return values;
    }
    for (const toml::node& node : *list) {
      const auto value = node.value<std::string>();
      if (!value) blame(key, "must be a list of texts");
      values.push_back(value.value_or(""));
    }
    return values;
  }

  void blame(std::string_view key, const std::string& what) const {
    if (!problem_) problem_ = wrong(std::string(key) + " in " + name_ + " " + what);
  }

 private:
  template <class T>
  T read(std::string_view key, const std::string& kind, T otherwise) const {
    if (!has(key)) return otherwise;
    const std::optional<T> value = table_[key].value_exact<T>();
    if (!value) blame(key, "must be " + kind);
    return value.value_or(otherwise);
  }

  const toml::table& table_;
  const std::string name_;
  std::optional<Error>& problem_;
};

class ConfigFile {
 public:
  ConfigFile(std::string path, toml::table file) : path_(std::move(path)), file_(std::move(file)) {}

  Result<ServeConfig> read(const SettingFlags& flags) {
    const toml::table nothing;
    const toml::table* table = file_["service"].as_table();
    if (table == nullptr && file_.contains("service"))
      return wrong("service in " + path_ + " must be one table, [service]");
    check_names(table != nullptr ? *table : nothing);
    const Section service(table != nullptr ? *table : nothing, "[service] of " + path_, problem_);
    read_service(service, flags);
    read_sources();
    if (problem_) return *problem_;
    return std::move(config_);
  }

 private:
  Section root() { return {file_, path_, problem_}; }

  std::string from_here(const std::string& path) const { return from_folder_of(path_, path); }

  // Names, types and ranges of all tables, before anything is read.
  void check_names(const toml::table& service) {
    static constexpr std::array<std::string_view, 2> kTables = {"service", "source"};
    for (const auto& [key, node] : file_) {
      if (std::find(kTables.begin(), kTables.end(), key.str()) == kTables.end())
        return note(as_error(unknown_setting(key, SettingScope::kService, kTables, "")));
    }
    note(check_settings(service, SettingScope::kService, "[service]"));
    const toml::array* sources = file_["source"].as_array();
    if (sources == nullptr) return;
    for (const toml::node& node : *sources) {
      const toml::table* table = node.as_table();
      if (table == nullptr) continue;
      const std::string id = (*table)["id"].value_or(std::string("(without id)"));
      note(check_settings(*table, SettingScope::kServed, "[[source]] " + id));
    }
  }

  void note(const Result<void>& checked) {
    if (!checked && !problem_) problem_ = checked.error();
  }

  void read_service(const Section& service, const SettingFlags& flags) {
    config_.service.company_id = given_company_id(flags).value_or(service.number("company_id", 0));
    if (config_.service.company_id < 1)
      service.blame("company_id", "must be set to the organization's number");
    config_.service.private_tokens = tokens(service);
    config_.service.store = store(service, flags);
    config_.service.retention = std::chrono::hours{24 * service.number("retention_days", 30)};
    config_.service.cache_bytes = kBytesPerMegabyte * service.number("cache_megabytes", 128);
    if (service.has("host")) config_.server.host = service.text("host");
    config_.server.port = static_cast<int>(service.number("port", 8088));
    config_.server.workers = static_cast<std::size_t>(service.number("workers", 0));
    config_.server.connections = static_cast<std::size_t>(service.number("connections", 1000));
  }

  std::string store(const Section& service, const SettingFlags& flags) const {
    if (flags.store) return *flags.store;
    if (const char* variable = std::getenv("WEIR_STORE"); variable != nullptr && *variable != '\0')
      return variable;
    std::string set = service.text("store");
    if (set.find("://") != std::string::npos) return set;
    return from_here(set.empty() ? "weir.db" : set);
  }

  // All of them are accepted, so that a new one can be given out before the old one goes.
  std::vector<Secret> tokens(const Section& service) {
    std::vector<Secret> tokens;
    if (Secret token = Secret::from_env("WEIR_PRIVATE_TOKEN"); !token.empty())
      tokens.push_back(std::move(token));
    for (const std::string& file : service.texts("private_token_file")) {
      Result<Secret> token = Secret::from_file(from_here(file));
      if (token) {
        tokens.push_back(std::move(*token));
      } else if (!problem_) {
        problem_ = token.error();
      }
    }
    if (tokens.empty() && !problem_) {
      problem_ = wrong(
          "no private token is set. Set WEIR_PRIVATE_TOKEN, or name a private_token_file in "
          "[service] of " +
          path_ + ", to the Private Token that the portal shows for the organization.");
    }
    return tokens;
  }

  void read_sources() {
    const toml::array* sources = file_["source"].as_array();
    if (sources == nullptr || sources->empty()) {
      root().blame("[[source]]", "is missing: say which data source is served");
      return;
    }
    for (const toml::node& node : *sources) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return root().blame("source", "must be written as [[source]]");
      const std::string id = (*table)["id"].value_or(std::string("(without id)"));
      config_.service.sources.push_back(
          source({*table, "[[source]] " + id + " of " + path_, problem_}));
    }
  }

  SyncSource source(const Section& section) {
    if (section.text("id").find_first_not_of(' ') == std::string::npos)
      section.blame("id", "must be set to the ExternalId of the data source");
    SyncSource source{
        .id = section.text("id"),
        .rows = rows(section),
        .rule = rule(section),
        .columns = section.texts("columns"),
        .read_again_after = std::chrono::seconds{section.number("read_again_after_seconds", 1)}};
    set_guard(source, section.deletes("max_deletes"));
    return source;
  }

  std::shared_ptr<RowSource> rows(const Section& section) const {
    const int given =
        int{section.has("csv")} + int{section.has("ndjson")} + int{section.has("database")};
    if (given != 1) {
      section.blame("csv", "or ndjson or database must be set, one of them");
      return nullptr;
    }
    if (section.has("database") != section.has("query"))
      section.blame("query", "goes together with database");
    RowSourceOptions options{.advises_settings = true};
    if (section.has("key")) options.key = section.text("key");
    options.is_read_again = true;
    const auto text = [&](const char* name) {
      return section.has(name) ? std::optional(section.text(name)) : std::nullopt;
    };
    const Result<TextFormat> format = parse_text_format(text("delimiter"), text("encoding"));
    if (!format) section.blame("delimiter", "or encoding: " + format.error().message);
    if (format) options.format = *format;
    if (section.has("csv")) return csv_source(from_here(section.text("csv")), options);
    if (section.has("ndjson")) {
      options.columns = members(section.texts("columns"), section.text("user_column"));
      return ndjson_source(from_here(section.text("ndjson")), options);
    }
    options.stop = stop_of_process();
    options.longest_query = std::chrono::seconds{section.number("query_timeout_seconds", 30)};
    return sql_source(database(section.text("database")), section.text("query"), options);
  }

  // sqlite3:///path is absolute; sqlite3://path is from here.
  std::string database(const std::string& url) const {
    constexpr std::string_view kScheme = "sqlite3://";
    if (!url.starts_with(kScheme)) return url;
    return std::string(kScheme) + from_here(url.substr(kScheme.size()));
  }

  static UserRule rule(const Section& section) {
    const bool asks = asks_for_user(section.text("database"), section.text("query"));
    const bool for_all = section.flag("same_rows_for_all");
    const int given = int{asks} + int{for_all} + int{section.has("user_column")};
    if (given == 0) {
      section.blame("user_column",
                    "is missing: say which column has the user's e-mail address, use :email in the "
                    "query, or say same_rows_for_all = true if every user may see all rows");
    } else if (given > 1) {
      section.blame("user_column",
                    "and same_rows_for_all and a query with :email exclude each other");
    }
    if (asks) return UserRule::source_decides();
    if (for_all) return UserRule::same_rows_for_all();
    return UserRule::column(section.text("user_column"));
  }

  const std::string path_;
  const toml::table file_;
  ServeConfig config_;
  std::optional<Error> problem_;
};

// What a weir.toml says of a data source, for a service that asks it anew for each device.
struct ServedRows {
  const daemon::SourceConfig& source;
  RowSourceOptions options = {.key = source.key, .columns = source.columns};

  std::shared_ptr<RowSource> operator()(const daemon::FileOrigin& file) {
    options.format = file.format;
    options.is_read_again = true;
    if (file.kind == daemon::FileKind::kCsv) return csv_source(file.path, options);
    if (options.columns.empty())
      options.columns = members(source.served->columns, source.served->rule.column_name());
    return ndjson_source(file.path, options);
  }
  std::shared_ptr<RowSource> operator()(const daemon::QueryOrigin& query) {
    if (query.follow) return nullptr;
    options.stop = stop_of_process();
    options.longest_query = query.timeout;
    return sql_source(daemon::full_address(query.database), query.query, options);
  }
  // Those have times of their own, which a daemon keeps.
  std::shared_ptr<RowSource> operator()(const daemon::DirectoryOrigin&) { return nullptr; }
  std::shared_ptr<RowSource> operator()(const daemon::CommandOrigin&) { return nullptr; }
  std::shared_ptr<RowSource> operator()(const daemon::HttpOrigin&) { return nullptr; }
};

bool asks_for_each_user(const daemon::SourceConfig& source) {
  return source.served->rule.kind() == UserRule::Kind::kSourceDecides;
}

// `state_directory`: of a daemon that serves the rows now; empty: none does.
Result<std::vector<SyncSource>> served_sources(const daemon::OrgConfig& org,
                                               const std::string& state_directory) {
  std::vector<SyncSource> served;
  for (const daemon::SourceConfig& source : org.sources) {
    if (!source.served || !source.origin) continue;
    ServedRows rows{.source = source};
    rows.options.advises_settings = true;
    SyncSource made{.id = source.id,
                    .rows = state_directory.empty() || asks_for_each_user(source)
                                ? std::visit(rows, *source.origin)
                                : daemon::served_table(state_directory, org.name, source),
                    .rule = source.served->rule,
                    .columns = source.served->columns,
                    .read_again_after = source.served->read_again_after};
    if (!made.rows)
      return as_error(daemon::fault_at(
          source.place, "data source " + source.id +
                            " can be served by weir run alone: weir serve reads csv, ndjson and "
                            "database, and follows no query"));
    // What is served has passed the daemon's guards, or a person has released it.
    if (state_directory.empty()) set_guard(made, source.guards.max_deletes);
    served.push_back(std::move(made));
  }
  return served;
}

// Whether it has what a file with [service] has not.
bool is_weir_toml(const toml::table& file) {
  if (file.contains("service") || file["source"].is_array()) return false;
  return std::any_of(file.begin(), file.end(), [](const auto& entry) {
    const std::string_view name = entry.first.str();
    return name == "org" || find_setting(SettingScope::kOrganization, name) != nullptr ||
           find_sub_table(SettingScope::kOrganization, name) != nullptr ||
           find_sub_table(SettingScope::kFile, name) != nullptr;
  });
}

Result<ServeConfig> load_weir_toml(const SettingFlags& flags, ServeUse use) {
  const std::string& path = *flags.config;
  daemon::ReadConfig read = daemon::read_daemon_config(path, flags.org);
  if (const auto fault = first_fault(read.findings)) return *fault;
  if (read.config.orgs.size() != 1)
    return wrong(path + " is of several organizations; say which with --org NAME");
  daemon::OrgConfig& org = read.config.orgs.front();
  if (!org.sync) return wrong(path + " has no [sync], which says where Platform Sync listens");
  ServeConfig config;
  const std::string& state = read.config.daemon.state_directory;
  const bool explains_daemon = use == ServeUse::kExplain && daemon::DaemonLock::is_taken(state);
  Result<std::vector<SyncSource>> sources = served_sources(org, explains_daemon ? state : "");
  if (!sources) return sources.error();
  config.service.sources = std::move(*sources);
  config.service.company_id = given_company_id(flags).value_or(org.client.company_id);
  config.service.private_tokens = std::move(org.sync->private_tokens);
  config.service.store = flags.store.value_or(org.client.store);
  config.service.retention = std::chrono::duration_cast<std::chrono::seconds>(org.sync->retention);
  config.service.cache_bytes = org.sync->cache_bytes;
  const auto address = daemon::listen_address(org.sync->listen);
  config.server.host = address->host;
  config.server.port = address->port;
  return config;
}

}  // namespace

Result<ServeConfig> load_serve_config(const SettingFlags& flags, ServeUse use) {
  if (!flags.config) return wrong("weir serve needs --config FILE");
  Result<toml::table> file = read_toml(*flags.config);
  if (!file) return file.error();
  if (is_weir_toml(*file)) return load_weir_toml(flags, use);
  return ConfigFile(*flags.config, std::move(*file)).read(flags);
}

}  // namespace weir::cli
