// What lies outside and tables of weir.toml name: programs, databases, documents, and the columns
// of rows.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "daemon/config/source_reader.h"
#include "input/database_address.h"
#include "input/row_sources.h"
#include "output/printable.h"
#include "secret_file.h"

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

bool is_in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  return false;
}

// A colon, and before it signs that the name of a header may have.
bool has_header_name(std::string_view line) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = line.substr(0, colon);
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           kSigns.find(c) != std::string_view::npos;
  });
}

}  // namespace

Milliseconds read_timeout(TableReader& reader, Milliseconds otherwise) {
  const Milliseconds timeout = reader.duration("timeout", otherwise);
  if (timeout < Milliseconds{1}) reader.fault("timeout", "must be more than 0");
  return timeout;
}

std::vector<cli::SourceColumn> read_columns(TableReader& reader) {
  std::vector<cli::SourceColumn> columns;
  for (const std::string& text : reader.texts("columns")) {
    const std::size_t equals = text.find('=');
    cli::SourceColumn column{.name = text.substr(0, equals), .from = text};
    if (equals != std::string::npos) column.from = text.substr(equals + 1);
    if (column.name.empty() || column.from.empty())
      reader.fault("columns", "has an empty name in it");
    if (std::any_of(columns.begin(), columns.end(),
                    [&](const auto& other) { return other.name == column.name; }))
      reader.fault("columns", "has " + cli::printable(column.name) + " twice");
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<std::string> read_command(TableReader& reader) {
  std::vector<std::string> command = reader.texts("command");
  if (command.empty() || command.front().empty()) return command;
  for (const std::string& word : command) {
    if (word.find('\0') == std::string::npos) continue;
    reader.fault("command", "has a NUL byte in it, where the word would be cut off");
    return command;
  }
  std::string& program = command.front();
  if (program.find('/') == std::string::npos) {
    if (!is_in_path(program))
      reader.warn("command", "is not there yet: no folder of PATH has " + program);
    return command;
  }
  program = reader.from_here(program);
  if (!reader.answers("command", program)) return command;
  std::error_code unknown;
  if (fs::is_directory(program, unknown)) {
    reader.fault("command", "is a folder, not a program: " + program);
  } else if (::access(program.c_str(), F_OK) != 0) {
    reader.warn("command", "is not there yet: " + program);
  } else if (::access(program.c_str(), X_OK) != 0) {
    reader.warn("command", "may not be executed. Run: chmod +x " + program);
  }
  return command;
}

DatabaseConfig read_database(TableReader& reader) {
  using Kind = cli::DatabaseAddress::Kind;
  constexpr std::string_view kSqlite = "sqlite3://";
  DatabaseConfig config{.address = reader.text("database")};
  // An empty one is the server of libpq's own variables.
  if (reader.has("database") && config.address.empty()) {
    reader.fault("database",
                 "must be the address of a database, such as postgresql://user@host/name");
    return config;
  }
  const cli::DatabaseAddress address = cli::DatabaseAddress::parse(config.address);
  const bool is_known = address.kind() != Kind::kUnknown && address.kind() != Kind::kMalformed;
  if (!is_known) reader.fault("database", "cannot be used: " + address.problem());
  if (address.kind() == Kind::kSqlite) {
    const std::string path = reader.from_here(config.address.substr(kSqlite.size()));
    config.address = std::string(kSqlite) + path;
    if (reader.answers("database", path) && ::access(path.c_str(), F_OK) != 0)
      reader.warn("database", "is not there yet: " + path);
  }
  if (reader.has("password_file") && address.kind() == Kind::kSqlite)
    reader.fault("password_file", "means nothing for an SQLite file");
  config.password = reader.secret("password_file");
  return config;
}

std::string read_pointer(TableReader& reader) {
  const std::string rows = reader.text("rows");
  if (!rows.empty() && !rows.starts_with('/'))
    reader.fault("rows", "must be a JSON pointer, which begins with /");
  for (std::size_t at = rows.find('~'); at != std::string::npos; at = rows.find('~', at + 1)) {
    if (at + 1 < rows.size() && (rows[at + 1] == '0' || rows[at + 1] == '1')) continue;
    reader.fault("rows", "must be a JSON pointer, in which ~ is written ~0 and / in a name ~1");
    break;
  }
  return rows;
}

std::optional<Follow> read_follow(TableReader& reader, std::vector<Finding>& findings) {
  const toml::table* table = reader.table("follow");
  const bool asks = cli::asks_for_changes(reader.text("database"), reader.text("query"));
  if (table == nullptr) {
    if (asks) reader.fault("query", "has :since, so follow = { column = … } must say what it is");
    return std::nullopt;
  }
  const std::string place = reader.place().substr(0, reader.place().size() - 1) + ".follow]";
  TableReader follow(*table, place, reader.settings_file(), findings);
  if (!asks)
    reader.fault("query",
                 "must have :since where it is followed, as in … WHERE updated_at > :since");
  Follow result{.column = follow.text("column"),
                .overlap = follow.duration("overlap", Follow{}.overlap),
                .deleted = follow.optional_text("deleted")};
  if (result.column.empty()) follow.fault("column", "must say which column tells the change");
  if (follow.has("reconcile"))
    result.reconcile = follow.duration("reconcile", std::chrono::hours{24});
  if (result.reconcile && *result.reconcile < std::chrono::seconds{1})
    follow.fault("reconcile", "must be at least \"1s\"");
  if (!result.reconcile)
    reader.warn("follow",
                "has no reconcile, so rows that are deleted from the table, or committed later "
                "than overlap, are never noticed; say reconcile = \"1d\"");
  return result;
}

Secret read_header(TableReader& reader) {
  Secret header = reader.secret("header_file");
  if (!header.empty() && !has_header_name(header.reveal()))
    reader.fault("header_file", "must hold a line such as Authorization: Bearer …");
  if (!header.empty() && cli::has_further_lines(reader.settings_file(), reader.text("header_file")))
    reader.fault("header_file", "has more than one line, and http sends one header alone");
  return header;
}

}  // namespace weir::daemon
