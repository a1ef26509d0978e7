// What lies outside: programs, databases and documents that tables of weir.toml name.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "daemon/config/source_reader.h"
#include "input/database_address.h"

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

Secret read_header(TableReader& reader) {
  Secret header = reader.secret("header_file");
  if (!header.empty() && !has_header_name(header.reveal()))
    reader.fault("header_file", "must hold a line such as Authorization: Bearer …");
  return header;
}

}  // namespace weir::daemon
