#include "store/postgres_connection.h"

#include <weir/url_without_password.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "store/postgres_opening.h"
#include "store/pqxx_version.h"
#include "store/store.h"
#include "text/ascii.h"

namespace weir::store {
namespace {

// A store that hangs must not hang a business: waiting is bounded on both sides (SocketWatch).
constexpr const char* kLimits =
    "SET statement_timeout = '30s'; "
    "SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning; "
    "SET default_transaction_isolation = 'read committed'";

std::string with_defaults(const std::string& url) {
  std::string result = url;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (result.find(name + "=") != std::string::npos) return;
    result += (result.find('?') == std::string::npos ? "?" : "&") + name + "=" + value;
  };
  add("connect_timeout", "3");
  add("application_name", "weir");
  // A host that vanished is noticed in seconds instead of hours.
  add("keepalives_idle", "5");
  add("keepalives_interval", "2");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "10000");
  return result;
}

int server_process(pqxx::nontransaction& work) {
  return one_row(work, "SELECT pg_backend_pid()")[0].as<int>();
}

const char* why_away(const std::string& state, const std::string& words) {
  if (state == "25006") return "the database server takes no writes now";
  if (state.rfind("53", 0) == 0) return "the database server has no room for another session";
  if (state.rfind("57P", 0) == 0) return "the database server is starting or stopping";
  if (words.find("certificate") != std::string::npos || words.find("SSL") != std::string::npos)
    return "no encrypted connection to the database server is possible";
  return "the database server does not answer";
}

// libpqxx keeps no state with some of its exceptions, which have a type instead.
std::string state_of(const pqxx::sql_error& failure) {
  if (!failure.sqlstate().empty()) return failure.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&failure) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::undefined_table*>(&failure) != nullptr) return "42P01";
  if (dynamic_cast<const pqxx::undefined_column*>(&failure) != nullptr) return "42703";
  return "";
}

// What the server says of a statement, without the statement that it repeats below.
std::string first_line(std::string_view words) {
  constexpr std::string_view kStart = "ERROR:";
  std::string_view line = words.substr(0, words.find_first_of("\r\n"));
  // From libpqxx 7.10 on: "Failure during 's1': ".
  if (const std::size_t end = line.find("': ");
      line.starts_with("Failure during '") && end != std::string_view::npos)
    line.remove_prefix(end + 3);
  return std::string(text::trimmed(line.starts_with(kStart) ? line.substr(kStart.size()) : line));
}

// Of a table or column that is missing, or is there where it should not be.
bool is_of_damaged_tables(const std::string& state) {
  return state == "42P01" || state == "42703" || state == "42P07" || state == "42701";
}

// The names on a search path, without their quotes.
std::vector<std::string> names_on(const std::string& path, const std::string& role) {
  std::vector<std::string> names;
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, ',');) {
    std::string name(text::trimmed(part));
    if (name.size() > 1 && name.front() == '"') name = name.substr(1, name.size() - 2);
    if (name == "$user") name = role;
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

}  // namespace

SessionLimits session_limits(const StoreOptions& options) {
  return {.busy_timeout = options.busy_timeout,
          .silence = {.longest = options.longest_silence, .stop = options.stop}};
}

PostgresConnection::PostgresConnection(const std::string& url, SessionLimits limits,
                                       std::string schema)
    : url_(with_defaults(url)),
      shown_(shown_location(url)),
      limits_(std::move(limits)),
      schema_(std::move(schema)) {}

pqxx::connection& PostgresConnection::session() {
  if (connection_ && !connection_->is_open()) close();
  if (!connection_) open();
  expect_answer();
  return *connection_;
}

// Who is to end asks a server that does not answer once, and not for each thing that is left to do.
void PostgresConnection::open() {
  if (is_away_ && limits_.silence.stop.stop_requested())
    throw StoreFailure(error_of_state("", "it did not answer before either"));
  watch_.reset();
  try {
    connection_ = std::make_unique<pqxx::connection>(url_);
    is_away_ = false;
  } catch (const pqxx::broken_connection& failure) {
    is_away_ = true;
    throw StoreFailure(error_of_opening(failure));
  }
  forbid_reconnecting(*connection_);
  ++generation_;
  try {
    watch_.emplace(connection_->sock(), limits_.silence);
    expect_answer();
    check_server();
  } catch (...) {
    close();
    throw;
  }
}

void PostgresConnection::expect_answer() {
  if (connection_ && watch_) watch_->expect_answer();
}

void PostgresConnection::expect_nothing() {
  if (watch_) watch_->expect_nothing();
}

void PostgresConnection::close() {
  connection_.reset();
  // error_from() tells of silence; the socket has been shut down.
  if (was_silent()) {
    is_away_ = true;
  } else {
    watch_.reset();
  }
}

bool PostgresConnection::was_silent() const { return watch_ && watch_->was_silent(); }

void PostgresConnection::check_server() {
  pqxx::nontransaction work(*connection_);
  role_ = one_row(work, "SELECT current_user")[0].as<std::string>();
  work.exec(kLimits);
  // 0 would mean for ever.
  const auto wait = std::max<std::int64_t>(1, limits_.busy_timeout.count());
  work.exec("SET lock_timeout = " + std::to_string(wait));
  const auto setting = [&](const std::string& name) {
    return one_row(work, "SHOW " + name)[0].as<std::string>();
  };
  if (setting("fsync") != "on")
    refuse("its fsync is off, so it may forget calls that were spent. Set fsync = on.");
  const std::string commit = setting("synchronous_commit");
  if (commit == "off")
    refuse(
        "its synchronous_commit is off, so it may forget calls that were spent. Set "
        "synchronous_commit = on for this role or database.");
  if (one_row(work, "SELECT pg_is_in_recovery()")[0].as<bool>())
    refuse("it is a standby, which cannot count calls. Give the address of the primary.");
  const int process = server_process(work);
  if (process != connection_->backendpid()) check_pooler(work, process);
  settle_schema(work);
}

// Names are not qualified, so where they lead must not change while a program runs.
void PostgresConnection::settle_schema(pqxx::nontransaction& work) {
  if (!schema_.empty()) work.exec("SET search_path = " + work.quote_name(schema_));
  const pqxx::row found = one_row(work, "SELECT current_schema()");
  if (found[0].is_null()) refuse_schema(work);
  if (!schema_.empty()) return;
  schema_ = found[0].as<std::string>();
  work.exec("SET search_path = " + work.quote_name(schema_));
}

// No schema of the path can be used: one that is there lacks a right, else the last is missing.
void PostgresConnection::refuse_schema(pqxx::nontransaction& work) const {
  const std::string role = work.quote_name(role_);
  const auto names = names_on(one_row(work, "SHOW search_path")[0].as<std::string>(), role_);
  const std::string wanted = names.empty() ? "public" : names.back();
  std::string why = "schema " + wanted + " does not exist. Run: CREATE SCHEMA " +
                    work.quote_name(wanted) + " AUTHORIZATION " + role;
  for (const std::string& name : names) {
    if (work.exec("SELECT 1 FROM pg_namespace WHERE nspname = " + work.quote(name)).empty())
      continue;
    why = "role " + role_ + " may not use schema " + name +
          ". Run: GRANT USAGE, CREATE ON SCHEMA " + work.quote_name(name) + " TO " + role;
  }
  throw StoreFailure({.code = ErrorCode::kInvalidConfig,
                      .message = "cannot use the store " + shown_ + ": " + why});
}

// The words are in the server's language, so both rights are named but where it is clear.
std::string PostgresConnection::advice_on_rights(const std::string& words) const {
  if (words.find("must be owner") != std::string::npos)
    return ". Let the role that owns the tables start this version of Weir once";
  if (role_.empty() || schema_.empty() || !connection_)
    return ". Give the role of the address the right to connect to the database";
  const std::string schema = connection_->quote_name(schema_);
  const std::string role = connection_->quote_name(role_);
  return ". Run: GRANT USAGE, CREATE ON SCHEMA " + schema + " TO " + role +
         "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + role;
}

// A pooler stands between. In session mode our server process stays ours while we rest; else it is
// lent to the next session that begins a transaction, or we come to another one.
void PostgresConnection::check_pooler(pqxx::nontransaction& work, int process) {
  pqxx::connection other(url_);
  forbid_reconnecting(other);
  os::SocketWatch watch(other.sock(), limits_.silence);
  watch.expect_answer();
  pqxx::nontransaction other_work(other);
  for (int attempt = 0; attempt < 3; ++attempt) {
    other_work.exec("BEGIN");
    if (server_process(other_work) == process || server_process(work) != process)
      refuse(
          "a pooler gives each transaction another session, so locks would not hold. Connect to "
          "PostgreSQL directly, or set the pooler to session mode (PgBouncer: pool_mode = "
          "session).");
    other_work.exec("COMMIT");
  }
}

void PostgresConnection::refuse(const std::string& why) const {
  throw StoreFailure({.code = ErrorCode::kStoreUnusable,
                      .message = "cannot use the store " + shown_ + ": " + why});
}

std::string PostgresConnection::words_of(const std::exception& failure) const {
  // What the server says ends with a line break, and may go over several lines.
  const bool is_of_statement = dynamic_cast<const pqxx::sql_error*>(&failure) != nullptr;
  std::string words =
      words_without_password(is_of_statement ? first_line(failure.what()) : failure.what(), url_);
  while (!words.empty() && words.back() == ' ') words.pop_back();
  // libpqxx's own for a pooler that has accepted us and has no session to lend.
  if (words.find("Could not obtain client encoding") != std::string::npos)
    words = "the pooler has no free session; each process of Weir holds two";
  return words;
}

// Why a session could not be opened, for which libpqxx has no state.
Error PostgresConnection::error_of_opening(const std::exception& failure) const {
  if (const auto objection = objection_to_address(url_)) {
    return {.code = ErrorCode::kInvalidConfig,
            .message = "the store's address " + shown_ + " cannot be used: " + *objection};
  }
  const Refusal refusal = ask_why(url_);
  if (refusal.needs_password) {
    return {.code = ErrorCode::kStoreUnusable,
            .message = "cannot use the store " + shown_ +
                       ": the database server asks for a password, and the address has none. Give "
                       "it as postgresql://USER:PASSWORD@HOST/DATABASE, or in the file ~/.pgpass."};
  }
  return error_of_state(refusal.state, refusal.words.empty()
                                           ? words_of(failure)
                                           : words_without_password(refusal.words, url_));
}

Error PostgresConnection::error_of_state(const std::string& state, const std::string& words) const {
  const std::string start = "cannot use the store " + shown_ + ": ";
  const auto is_of = [&](std::string_view family) { return state.rfind(family, 0) == 0; };
  if (state == "53100")
    return {.code = ErrorCode::kStoreFull, .message = start + "the server's disk is full"};
  if (state == "22021")
    return {.code = ErrorCode::kInvalidArgument,
            .message = "a text that is not valid UTF-8 cannot be kept in PostgreSQL"};
  if (state == "54000")
    return {.code = ErrorCode::kInvalidArgument,
            .message = "a name or an id is longer than an index of PostgreSQL takes"};
  if (state == "55P03" || state == "57014" || state == "40001" || state == "40P01")
    return {.code = ErrorCode::kStoreBusy,
            .message = start + "another program holds its lock; try again later"};
  if (is_of("28") || is_of("3D") || state == "42501")
    return {.code = ErrorCode::kStoreUnusable,
            .message = start + "the database server refuses: " + words +
                       (state == "42501" ? advice_on_rights(words) : "") +
                       ". Without its store Weir makes no call."};
  if (is_of_damaged_tables(state))
    return {
        .code = ErrorCode::kStoreUnusable,
        .message = start + "it is damaged: " + words +
                   ". Put the database back from its backup, or give another schema and publish "
                   "the rows again."};
  if (state.empty() || state == "25006" || is_of("53") || is_of("57P") || is_of("08")) {
    return {.code = ErrorCode::kStoreUnreachable,
            .message = start + why_away(state, words) +
                       ", so no call is made; waiting changes stay in the outbox (" + words + ")"};
  }
  return {.code = ErrorCode::kStoreUnusable, .message = start + words};
}

Error PostgresConnection::error_from(const std::exception& failure) {
  if (was_silent()) {
    close();
    return error_of_state("", "it has said nothing for too long");
  }
  const auto* sql = dynamic_cast<const pqxx::sql_error*>(&failure);
  const std::string state = sql != nullptr ? state_of(*sql) : "";
  const bool is_lost = dynamic_cast<const pqxx::broken_connection*>(&failure) != nullptr ||
                       dynamic_cast<const pqxx::in_doubt_error*>(&failure) != nullptr ||
                       state.rfind("08", 0) == 0 || state.rfind("57P", 0) == 0 ||
                       (connection_ && !connection_->is_open());
  Error error = is_lost && state.empty() ? error_of_state("", words_of(failure))
                : state.empty()          ? unexpected(words_of(failure))
                                         : error_of_state(state, words_of(failure));
  // A server that takes no writes any more is another one's standby by now: its successor may be at
  // the same address.
  if (is_lost || state == "25006") close();
  return error;
}

Error PostgresConnection::unexpected(const std::string& words) const {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "cannot use the store " + shown_ + ": " + words};
}

}  // namespace weir::store
