#include "input/database_address.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

namespace weir::cli {
namespace {

constexpr std::string_view kSqlite = "sqlite3://";
constexpr std::string_view kOdbc = "odbc://";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool is_postgres_url(const std::string& text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

// The words of libpq's options, by name; nothing when it does not take the text.
std::map<std::string, std::string> postgres_words(const std::string& text) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  std::map<std::string, std::string> words;
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(text.c_str(), nullptr));
  if (!options) return words;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    words[option->keyword] = option->val != nullptr ? option->val : "";
  return words;
}

// A password with a bare @ or / in it is cut there by libpq, and the rest of it becomes the host,
// the port or the database.
bool is_torn(const std::string& text, const std::map<std::string, std::string>& words) {
  if (!is_postgres_url(text)) return false;
  const std::string& port = words.at("port");
  return words.at("host").find('@') != std::string::npos ||
         port.find_first_not_of("0123456789,") != std::string::npos ||
         (words.at("dbname").find('@') != std::string::npos &&
          text.find("%40") == std::string::npos);
}

// Where a value ends that stands at the beginning of the text: at a semicolon that is in no braces.
std::size_t end_of_value(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('{')) {
    for (end = 1; end < text.size(); ++end) {
      if (text[end] != '}') continue;
      if (end + 1 >= text.size() || text[end + 1] != '}') break;
      ++end;
    }
  }
  return std::min(text.find(';', std::min(end, text.size())), text.size());
}

std::string without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

// KEY=VALUE;KEY={VALUE};…, a closing brace in a value being written twice.
std::vector<std::pair<std::string, std::string>> odbc_words(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> words;
  while (!text.empty()) {
    const std::size_t equals = std::min(text.find_first_of("=;"), text.size());
    std::string key = without_blanks(text.substr(0, equals));
    text.remove_prefix(equals);
    std::string value;
    if (text.starts_with('=')) {
      text.remove_prefix(1);
      const std::size_t end = end_of_value(text);
      value = text.substr(0, end);
      text.remove_prefix(end);
    }
    if (!key.empty()) words.emplace_back(std::move(key), std::move(value));
    if (text.starts_with(';')) text.remove_prefix(1);
  }
  return words;
}

std::string without_braces(const std::string& value) {
  if (!value.starts_with('{') || !value.ends_with('}') || value.size() < 2) return value;
  std::string plain;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    plain += value[i];
    if (value[i] == '}' && i + 2 < value.size() && value[i + 1] == '}') ++i;
  }
  return plain;
}

bool is_secret(const std::string& odbc_key) {
  const std::string key = lower(odbc_key);
  constexpr std::array kParts = {"pwd", "pass", "secret", "token", "key", "credential"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](const char* part) { return key.find(part) != std::string::npos; });
}

bool is_shown(const std::string& odbc_key) {
  const std::string key = lower(odbc_key);
  constexpr std::array<std::string_view, 5> kShown = {"dsn", "driver", "server", "servername",
                                                      "database"};
  return std::find(kShown.begin(), kShown.end(), key) != kShown.end();
}

// What is given instead of it.
std::string right_form(const std::string& address) {
  const auto begins = [&](const char* scheme) { return address.starts_with(scheme); };
  if (begins("mysql:") || begins("mariadb:"))
    return "MariaDB and MySQL are read by ODBC, as in "
           "odbc://Driver=MariaDB Unicode;Server=HOST;Database=NAME;UID=USER;PWD=…";
  if (begins("sqlserver:") || begins("mssql:") || begins("oracle:") || begins("jdbc:"))
    return "this database is read by ODBC, as in odbc://DSN or odbc://KEY=VALUE;…";
  const bool is_file = address.ends_with(".db") || address.ends_with(".sqlite") ||
                       address.ends_with(".sqlite3") || begins("sqlite:") || begins("file:");
  if (is_file) return "a file of SQLite is given as sqlite3:///path/of/the.db";
  return "give sqlite3:///path, postgresql://…, odbc://dsn or odbc://KEY=VALUE;…";
}

}  // namespace

DatabaseAddress DatabaseAddress::parse(const std::string& text) {
  DatabaseAddress address;
  if (text.starts_with(kSqlite)) {
    address.connection_ = text.substr(kSqlite.size());
    address.kind_ = address.connection_.empty() ? Kind::kMalformed : Kind::kSqlite;
    address.shown_ = text;
    address.problem_ = "the path of the database's file is missing, as in sqlite3:///path";
  } else if (text.starts_with(kOdbc)) {
    address.read_odbc(text.substr(kOdbc.size()));
  } else if (is_postgres_url(text) || !postgres_words(text).empty()) {
    address.read_postgres(text);
  } else {
    const std::size_t scheme = text.find("://");
    address.shown_ = scheme > 20 ? "the address given" : text.substr(0, scheme) + "://…";
    address.problem_ = "it is no address of a database; " + right_form(lower(text));
  }
  return address;
}

void DatabaseAddress::read_postgres(const std::string& text) {
  connection_ = text;
  shown_ = "postgresql://";
  const std::map<std::string, std::string> words = postgres_words(text);
  if (words.empty() || is_torn(text, words)) {
    kind_ = Kind::kMalformed;
    shown_ += "…";
    problem_ =
        "PostgreSQL's client library cannot read this address. In a user, a password or an option "
        "write % as %25, @ as %40, : as %3A and / as %2F";
    return;
  }
  kind_ = Kind::kPostgres;
  const auto word = [&](const char* name) {
    const auto found = words.find(name);
    return found == words.end() ? std::string() : found->second;
  };
  if (!word("user").empty()) shown_ += word("user") + "@";
  shown_ += word("host").empty() ? word("hostaddr") : word("host");
  if (!word("port").empty()) shown_ += ":" + word("port");
  if (!word("dbname").empty()) shown_ += "/" + word("dbname");
  if (!word("service").empty()) shown_ += "?service=" + word("service");
  for (const char* secret : {"password", "sslpassword"}) hide(word(secret));
  if (const char* password = std::getenv("PGPASSWORD"); password != nullptr) hide(password);
  // As it was written, with its percent signs.
  const std::size_t at = text.find('@');
  const std::size_t colon = is_postgres_url(text) ? text.find(':', text.find("://") + 3) : at;
  if (at != std::string::npos && colon < at) hide(text.substr(colon + 1, at - colon - 1));
}

void DatabaseAddress::read_odbc(const std::string& rest) {
  kind_ = Kind::kOdbc;
  shown_ = "odbc://";
  if (rest.find('=') == std::string::npos) {
    connection_ = "DSN=" + rest;
    shown_ += rest;
    if (!rest.empty() && rest.find_first_of("@:/;") == std::string::npos) return;
    kind_ = Kind::kMalformed;
    shown_ = "odbc://…";
    problem_ =
        "odbc:// takes the name of a data source of odbc.ini, as odbc://crm, or a connection "
        "string, as odbc://DSN=crm;UID=reader;PWD=…";
    return;
  }
  connection_ = rest;
  std::string separator;
  for (const auto& [key, value] : odbc_words(rest)) {
    if (is_secret(key)) {
      hide(value);
      hide(without_braces(value));
    } else if (is_shown(key)) {
      shown_ += separator + key + "=" + value;
      separator = ";";
    }
  }
}

void DatabaseAddress::hide(const std::string& secret) {
  if (!secret.empty()) secrets_.push_back(secret);
}

std::string DatabaseAddress::cleaned(std::string_view words) const {
  std::string text;
  for (const char c : words) {
    const bool is_blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!is_blank) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  while (text.ends_with(' ')) text.pop_back();
  // The longest first, for one may be a part of another.
  std::vector<std::string> secrets = secrets_;
  std::sort(secrets.begin(), secrets.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  for (const std::string& secret : secrets) {
    constexpr std::string_view kHidden = "***";
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kHidden.size())) {
      text.replace(at, secret.size(), kHidden);
    }
  }
  return text;
}

std::string with_password(const std::string& address, const std::string& password) {
  if (password.empty() || address.starts_with(kSqlite)) return address;
  std::string quoted;
  if (address.starts_with(kOdbc)) {
    for (const char c : password) quoted += c == '}' ? "}}" : std::string(1, c);
    const std::string rest = address.substr(kOdbc.size());
    const bool is_name = rest.find('=') == std::string::npos;
    return std::string(kOdbc) + (is_name ? "DSN=" : "") + rest + (rest.ends_with(';') ? "" : ";") +
           "PWD={" + quoted + "}";
  }
  if (!is_postgres_url(address)) {
    for (const char c : password)
      quoted += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
    return address + " password='" + quoted + "'";
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : password) {
    const auto byte = static_cast<unsigned char>(c);
    quoted += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return address + (address.find('?') == std::string::npos ? "?" : "&") + "password=" + quoted;
}

}  // namespace weir::cli
