#include "daemon/config/source_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/config/unit_line.h"
#include "input/database_address.h"
#include "output/printable.h"
#include "settings_file.h"

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kOrigins = {"csv",      "ndjson",  "directory",
                                                      "database", "command", "http"};

// Which settings mean something for which origins; all others do for each.
struct Belongs {
  std::string_view name;
  std::string_view origins;
};

constexpr std::array kBelongs = {
    Belongs{"query", "database"},
    Belongs{"follow", "database"},
    Belongs{"password_file", "database"},
    Belongs{"header_file", "http"},
    Belongs{"rows", "command http"},
    Belongs{"format", "command http"},
    Belongs{"delimiter", "csv directory command http"},
    Belongs{"encoding", "csv ndjson directory command http"},
    Belongs{"settle", "csv ndjson directory"},
    Belongs{"pattern", "directory"},
    Belongs{"content", "directory"},
    Belongs{"done", "directory"},
    Belongs{"every", "database command http"},
    Belongs{"at", "database command http"},
    Belongs{"timeout", "database command http"},
};

bool is_among(std::string_view word, std::string_view words) {
  const std::string all = " " + std::string(words) + " ";
  return all.find(" " + std::string(word) + " ") != std::string::npos;
}

std::string listed(std::string_view words) {
  std::string list(words);
  for (std::size_t at = list.find(' '); at != std::string::npos; at = list.find(' ', at + 2))
    list.replace(at, 1, ", ");
  return list;
}

// The one origin; empty when there is none, or several, which is a fault.
std::string origin_name(TableReader& reader) {
  std::string found;
  for (const std::string_view name : kOrigins) {
    if (!reader.has(name)) continue;
    if (!found.empty()) {
      reader.fault(name, "and " + found + " exclude each other: a data source has one origin");
      return "";
    }
    found = name;
  }
  for (const auto& [name, origins] : kBelongs) {
    if (reader.has(name) && !is_among(found, origins))
      reader.fault(name, "means nothing here; it belongs to " + listed(origins));
  }
  return found;
}

cli::TextFormat format_of(TableReader& reader) {
  const auto delimiter = cli::parse_text_format(reader.optional_text("delimiter"), std::nullopt);
  if (!delimiter) reader.fault("delimiter", "cannot be used: " + delimiter.error().message);
  const auto encoding = cli::parse_text_format(std::nullopt, reader.optional_text("encoding"));
  if (!encoding) reader.fault("encoding", "cannot be used: " + encoding.error().message);
  return {.delimiter = delimiter ? delimiter->delimiter : ',',
          .is_delimiter_given = delimiter && delimiter->is_delimiter_given,
          .encoding = encoding ? encoding->encoding : cli::Encoding::kUtf8};
}

FileKind kind_of(TableReader& reader, FileKind otherwise) {
  const std::string format = reader.text("format");
  const FileKind kind = format == "csv"      ? FileKind::kCsv
                        : format == "ndjson" ? FileKind::kNdjson
                        : format == "json"   ? FileKind::kJson
                                             : otherwise;
  if (reader.has("rows") && kind != FileKind::kJson)
    reader.fault("rows", "means nothing here; it belongs to format = \"json\"");
  return kind;
}

Schedule schedule_of(TableReader& reader) {
  Schedule schedule;
  if (reader.has("every") && reader.has("at"))
    reader.fault("at", "and every exclude each other; say one of them");
  if (reader.has("every")) {
    schedule.every = reader.duration("every", Milliseconds{0});
    if (*schedule.every < std::chrono::seconds{1}) reader.fault("every", "must be at least \"1s\"");
  }
  for (const std::string& time : reader.texts("at"))
    schedule.at.push_back(cli::time_of_day_of(time).value_or(std::chrono::minutes{0}));
  std::sort(schedule.at.begin(), schedule.at.end());
  schedule.at.erase(std::unique(schedule.at.begin(), schedule.at.end()), schedule.at.end());
  return schedule;
}

Milliseconds settle_of(const TableReader& reader) {
  return reader.duration("settle", FileOrigin{}.settle);
}

bool is_path(const std::string& text) {
  return !text.empty() && text.find("://") == std::string::npos;
}

Origin file_origin(TableReader& reader, const std::string& name) {
  FileOrigin origin{.path = reader.path(name),
                    .kind = name == "csv" ? FileKind::kCsv : FileKind::kNdjson,
                    .format = format_of(reader),
                    .settle = settle_of(reader)};
  if (!is_path(origin.path)) {
    reader.fault(name, "must be the path of a file; rows at an address are read by http");
    return origin;
  }
  if (!reader.answers(name, origin.path)) return origin;
  std::error_code unknown;
  const auto kind = fs::status(origin.path, unknown).type();
  if (kind == fs::file_type::directory) {
    reader.fault(name, "is a folder; for files that are dropped into one say directory");
  } else if (kind == fs::file_type::not_found) {
    const auto hidden = reading_problem(origin.path);
    reader.warn(name, "is not there yet: " + hidden.value_or(origin.path));
  } else if (const auto problem = reading_problem(origin.path)) {
    reader.warn(name, "cannot be read now: " + *problem);
  }
  return origin;
}

// "drop/./done/" and "drop/done" are one folder.
std::string plain_path(const fs::path& path) {
  std::string text = path.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

Origin directory_origin(TableReader& reader) {
  constexpr std::string_view kMove = "move:";
  DirectoryOrigin origin{.path = reader.path("directory"),
                         .pattern = reader.text("pattern", "*"),
                         .format = format_of(reader),
                         .settle = settle_of(reader)};
  if (reader.text("content") == "snapshot") origin.content = DirectoryOrigin::Content::kSnapshot;
  if (!is_path(origin.path)) {
    reader.fault("directory", "must be the path of a folder");
    return origin;
  }
  if (origin.pattern.empty())
    reader.fault("pattern", "must not be empty, for no file has such a name; leave it out for all");
  const std::string done = reader.text("done", "move:done");
  const fs::path folder = origin.path;
  if (done == "delete") {
    origin.done = DirectoryOrigin::Done::kDelete;
  } else if (done == "keep") {
    origin.done = DirectoryOrigin::Done::kKeep;
  } else if (done.starts_with(kMove) && done.size() > kMove.size()) {
    origin.move_to = plain_path(folder / done.substr(kMove.size()));
  } else {
    reader.fault("done", R"(must be "move:FOLDER", "delete" or "keep")");
  }
  origin.failed = plain_path(folder / "failed");
  if (origin.move_to == plain_path(folder))
    reader.fault("done", "must be another folder than the one that the files come from");
  if (origin.move_to == origin.failed)
    reader.fault("done", "must be another folder than failed, where refused files go");
  if (origin.pattern.find('/') != std::string::npos)
    reader.fault("pattern", "is for names of files; it has no / in it");
  if (!reader.answers("directory", origin.path)) return origin;
  std::error_code unknown;
  const auto kind = fs::status(origin.path, unknown).type();
  if (kind == fs::file_type::not_found) {
    reader.warn("directory", "is not there yet: " + origin.path);
  } else if (kind != fs::file_type::directory) {
    reader.fault("directory", "is no folder: " + origin.path);
  } else if (const auto unread = reading_problem(origin.path)) {
    reader.warn("directory", "cannot be read now: " + *unread);
  } else if (const auto unwritten = folder_problem(origin.path);
             unwritten && origin.done != DirectoryOrigin::Done::kKeep) {
    reader.warn("directory", "cannot be written now, so its files cannot be moved: " + *unwritten);
  }
  return origin;
}

Origin query_origin(TableReader& reader, std::vector<Finding>& findings) {
  QueryOrigin origin{.database = read_database(reader),
                     .query = reader.text("query"),
                     .follow = read_follow(reader, findings),
                     .schedule = schedule_of(reader),
                     .timeout = read_timeout(reader, QueryOrigin{}.timeout)};
  const auto fault = cli::sql_fault(origin.database.address, origin.query);
  if (fault == cli::SqlFault::kEmpty) reader.fault("query", "must say which rows of the database");
  if (fault == cli::SqlFault::kSeveralStatements)
    reader.fault("query",
                 "has several statements, and only one can give the rows; leave out what follows "
                 "its first semicolon");
  return origin;
}

Origin command_origin(TableReader& reader) {
  return CommandOrigin{.command = read_command(reader),
                       .kind = kind_of(reader, FileKind::kCsv),
                       .rows = read_pointer(reader),
                       .format = format_of(reader),
                       .schedule = schedule_of(reader),
                       .timeout = read_timeout(reader, CommandOrigin{}.timeout)};
}

Origin http_origin(TableReader& reader, const std::string& ca_file) {
  HttpOrigin origin{.url = reader.text("http"),
                    .header = read_header(reader),
                    .ca_file = ca_file,
                    .kind = kind_of(reader, FileKind::kJson),
                    .rows = read_pointer(reader),
                    .format = format_of(reader),
                    .schedule = schedule_of(reader),
                    .timeout = read_timeout(reader, HttpOrigin{}.timeout)};
  if (const auto problem = web_problem(origin.url)) reader.fault("http", *problem);
  return origin;
}

std::optional<Origin> origin_of(TableReader& reader, const std::string& ca_file,
                                std::vector<Finding>& findings) {
  const std::string name = origin_name(reader);
  if (name == "csv" || name == "ndjson") return file_origin(reader, name);
  if (name == "directory") return directory_origin(reader);
  if (name == "database") return query_origin(reader, findings);
  if (name == "command") return command_origin(reader);
  if (name == "http") return http_origin(reader, ca_file);
  return std::nullopt;
}

// Of those that the rows have; none when that is not known before they are read.
const cli::SourceColumn* column_named(const SourceConfig& config, const std::string& name) {
  const auto found =
      std::find_if(config.columns.begin(), config.columns.end(),
                   [&](const auto& column) { return column.name == name || column.from == name; });
  return found == config.columns.end() ? nullptr : &*found;
}

void check_key(const SourceConfig& config, TableReader& reader) {
  if (!config.key) return;
  if (config.key->empty()) {
    reader.fault("key", "must name a column; leave it out for the first");
  } else if (!config.columns.empty() && column_named(config, *config.key) == nullptr) {
    reader.fault("key", "is " + cli::printable(*config.key) + ", which is not among columns");
  }
}

// The rows have their columns by the names of the data source, the key first.
void check_served_columns(const SourceConfig& config, TableReader& rule) {
  const auto require = [&](const char* setting, const std::string& name) {
    if (name.empty() || config.columns.empty()) return;
    const cli::SourceColumn* column = column_named(config, name);
    if (column == nullptr || column->name != name)
      rule.fault(setting, "names " + cli::printable(name) +
                              ", which is not among columns of the data source");
  };
  const std::vector<std::string> sent = rule.texts("columns");
  for (const std::string& name : sent) require("columns", name);
  require("user_column", rule.text("user_column"));
  if (sent.empty() || (!config.key && config.columns.empty())) return;
  std::string key = config.key ? *config.key : config.columns.front().name;
  if (const cli::SourceColumn* column = column_named(config, key)) key = column->name;
  if (sent.front() != key) rule.fault("columns", "must begin with the key, " + cli::printable(key));
}

UserRule rule_of(TableReader& rule, bool asks) {
  const bool for_all = rule.truth("same_rows_for_all", false);
  const int given = int{asks} + int{for_all} + int{rule.has("user_column")};
  if (given == 0) {
    rule.fault(
        "must say to whom the rows go: user_column is the column with the user's e-mail address, "
        "same_rows_for_all = true gives all rows to every user, and :email in a query asks for "
        "those of a user");
  } else if (given > 1) {
    rule.fault("can have one rule: user_column, same_rows_for_all or :email in the query");
  }
  if (rule.has("user_column") && rule.text("user_column").empty())
    rule.fault("user_column", "must name the column with the user's e-mail address");
  if (asks) return UserRule::source_decides();
  if (for_all) return UserRule::same_rows_for_all();
  return UserRule::column(rule.text("user_column"));
}

void read_served(SourceConfig& config, TableReader& reader, const toml::table* rule,
                 std::vector<Finding>& findings) {
  const bool asks = cli::asks_for_user(reader.text("database"), reader.text("query"));
  const toml::table* own = reader.table("sync");
  if (own != nullptr && rule != nullptr)
    reader.fault("sync", "is there twice, also as [sync.source." + config.id + "]");
  const toml::table* table = own != nullptr ? own : rule;
  if (asks && config.deliver != Deliver::kSync)
    reader.fault("query", "has :email, so its rows are for single users: say deliver = \"sync\"");
  if (config.deliver == Deliver::kPush) {
    if (table != nullptr)
      reader.fault("deliver",
                   "must be \"sync\" or \"both\" where a table says what Platform Sync "
                   "gives; else leave that table out");
    return;
  }
  if (!config.origin)
    reader.fault("deliver", "needs an origin: csv, ndjson, directory, database, command or http");
  const auto* folder = config.origin ? std::get_if<DirectoryOrigin>(&*config.origin) : nullptr;
  if (folder != nullptr && folder->content == DirectoryOrigin::Content::kChanges)
    reader.fault("deliver",
                 "gives whole tables to Platform Sync, and a directory of changes has none; say "
                 "content = \"snapshot\", or deliver = \"push\"");
  if (table == nullptr && !asks) {
    if (reader.is_sound("sync"))
      reader.fault("deliver", "needs [source." + config.id +
                                  ".sync], which says which user of the app gets which rows");
    return;
  }
  static const toml::table kNothing;
  TableReader sync(table != nullptr ? *table : kNothing, "[source." + config.id + ".sync]",
                   reader.settings_file(), findings);
  for (const std::string& column : sync.texts("columns"))
    if (column.empty()) sync.fault("columns", "has an empty name in it");
  check_served_columns(config, sync);
  config.served = ServedConfig{
      .rule = rule_of(sync, asks),
      .columns = sync.texts("columns"),
      .read_again_after = sync.duration("read_again_after", ServedConfig{}.read_again_after)};
}

Deliver deliver_of(const std::string& word) {
  if (word == "sync") return Deliver::kSync;
  return word == "both" ? Deliver::kBoth : Deliver::kPush;
}

}  // namespace

SourceConfig read_source(const std::string& id, TableReader reader, const toml::table* rule,
                         const std::string& ca_file, std::vector<Finding>& findings) {
  SourceConfig config{.id = id,
                      .key = reader.optional_text("key"),
                      .columns = read_columns(reader),
                      .deliver = deliver_of(reader.text("deliver")),
                      .place = reader.where()};
  check_key(config, reader);
  if (reader.has("first")) config.guards.first = cli::first_publish_of(reader.text("first"));
  if (reader.has("max_deletes"))
    config.guards.max_deletes = cli::read_deletes(
        reader.text("max_deletes", std::to_string(reader.number("max_deletes", 0))));
  config.origin = origin_of(reader, ca_file, findings);
  if (reader.has("query") && !reader.has("database"))
    reader.fault("query", "goes together with database");
  read_served(config, reader, rule, findings);
  const bool is_followed = config.origin && std::holds_alternative<QueryOrigin>(*config.origin) &&
                           std::get<QueryOrigin>(*config.origin).follow;
  if (is_followed && config.deliver == Deliver::kSync)
    reader.fault("follow",
                 "is for rows that are pushed; for deliver = \"sync\" read the whole query");
  config.is_sound = reader.is_wholly_sound();
  config.fingerprint = reader.fingerprint();
  if (rule != nullptr) {
    std::vector<Finding> none;
    config.fingerprint += TableReader(*rule, "", "", none).fingerprint();
  }
  return config;
}

}  // namespace weir::daemon
