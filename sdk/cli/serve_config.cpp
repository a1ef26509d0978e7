#include "serve_config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "input/row_sources.h"
#include "setting_table.h"
#include "settings_file.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kBytesPerMegabyte = 1024 * 1024;

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
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
    config_.service.company_id = company_id(service, flags);
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

  std::int64_t company_id(const Section& service, const SettingFlags& flags) {
    const char* variable = std::getenv("WEIR_COMPANY_ID");
    const std::string text = flags.company_id      ? *flags.company_id
                             : variable != nullptr ? variable
                                                   : "";
    if (text.empty()) return service.number("company_id", 0);
    const bool is_number =
        text.size() < 18 && text.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::stoll(text) : 0;
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
    return {
        .id = section.text("id"),
        .rows = rows(section),
        .rule = rule(section),
        .columns = section.texts("columns"),
        .read_again_after = std::chrono::seconds{section.number("read_again_after_seconds", 1)}};
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
    options.refuse_cut_off = true;
    const auto text = [&](const char* name) {
      return section.has(name) ? std::optional(section.text(name)) : std::nullopt;
    };
    const Result<TextFormat> format = parse_text_format(text("delimiter"), text("encoding"));
    if (!format) section.blame("delimiter", "or encoding: " + format.error().message);
    if (format) options.format = *format;
    if (section.has("csv")) return csv_source(from_here(section.text("csv")), options);
    if (section.has("ndjson")) {
      options.columns = members(section);
      return ndjson_source(from_here(section.text("ndjson")), options);
    }
    options.stop = stop_of_process();
    options.longest_query = std::chrono::seconds{section.number("query_timeout_seconds", 30)};
    return sql_source(database(section.text("database")), section.text("query"), options);
  }

  // Objects need not have all members, so the columns that are set say which there are.
  static std::vector<SourceColumn> members(const Section& section) {
    std::vector<SourceColumn> columns;
    std::vector<std::string> names = section.texts("columns");
    if (!names.empty() && section.has("user_column")) names.push_back(section.text("user_column"));
    for (const std::string& name : names) {
      const auto is_same = [&](const SourceColumn& column) { return column.name == name; };
      if (std::none_of(columns.begin(), columns.end(), is_same))
        columns.push_back({.name = name, .from = name});
    }
    return columns;
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

}  // namespace

Result<ServeConfig> load_serve_config(const SettingFlags& flags) {
  if (!flags.config) return wrong("weir serve needs --config FILE");
  Result<toml::table> file = read_toml(*flags.config);
  if (!file) return file.error();
  return ConfigFile(*flags.config, std::move(*file)).read(flags);
}

}  // namespace weir::cli
