#include "store/postgres_connection.h"

#include <algorithm>
#include <utility>

#include "store/store.h"

namespace weir::store {
namespace {

// A store that hangs must not hang a business: waiting is bounded on both sides.
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
  return work.exec1("SELECT pg_backend_pid()")[0].as<int>();
}

// libpqxx would open a lost session again by itself, in the middle of a transaction.
void forbid_reconnecting(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // libpqxx 7 no longer does it
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

}  // namespace

PostgresConnection::PostgresConnection(const std::string& url, Milliseconds busy_timeout)
    : url_(with_defaults(url)), shown_(shown_location(url)), busy_timeout_(busy_timeout) {}

pqxx::connection& PostgresConnection::session() {
  if (connection_ && !connection_->is_open()) connection_.reset();
  if (!connection_) {
    connection_ = std::make_unique<pqxx::connection>(url_);
    forbid_reconnecting(*connection_);
    ++generation_;
    try {
      check_server();
    } catch (...) {
      connection_.reset();
      throw;
    }
  }
  return *connection_;
}

void PostgresConnection::check_server() {
  pqxx::nontransaction work(*connection_);
  work.exec(kLimits);
  // 0 would mean for ever.
  const auto wait = std::max<std::int64_t>(1, busy_timeout_.count());
  work.exec("SET lock_timeout = " + std::to_string(wait));
  const auto setting = [&](const std::string& name) {
    return work.exec1("SHOW " + name)[0].as<std::string>();
  };
  if (setting("fsync") != "on")
    refuse("its fsync is off, so it may forget calls that were spent. Set fsync = on.");
  const std::string commit = setting("synchronous_commit");
  if (commit == "off")
    refuse(
        "its synchronous_commit is off, so it may forget calls that were spent. Set "
        "synchronous_commit = on for this role or database.");
  if (work.exec1("SELECT pg_is_in_recovery()")[0].as<bool>())
    refuse("it is a standby, which cannot count calls. Give the address of the primary.");
  const int process = server_process(work);
  if (process != connection_->backendpid()) check_pooler(work, process);
}

// A pooler stands between. In session mode our server process stays ours while we rest; else it is
// lent to the next session that begins a transaction, or we come to another one.
void PostgresConnection::check_pooler(pqxx::nontransaction& work, int process) {
  pqxx::connection other(url_);
  forbid_reconnecting(other);
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

Error PostgresConnection::error_from(const std::exception& failure) {
  const std::string start = "cannot use the store " + shown_ + ": ";
  const auto* sql = dynamic_cast<const pqxx::sql_error*>(&failure);
  const std::string state = sql != nullptr ? sql->sqlstate() : "";
  // What the server says ends with a line break, and may go over several lines.
  std::string words = failure.what();
  while (!words.empty() && words.back() == '\n') words.pop_back();
  for (char& c : words) c = c == '\n' ? ' ' : c;
  if (state == "53100")
    return {.code = ErrorCode::kStoreFull, .message = start + "the server's disk is full"};
  if (state == "55P03" || state == "57014" || state == "40001" || state == "40P01")
    return {.code = ErrorCode::kStoreBusy,
            .message = start + "another program holds its lock; try again later"};
  const bool lost = dynamic_cast<const pqxx::broken_connection*>(&failure) != nullptr ||
                    dynamic_cast<const pqxx::in_doubt_error*>(&failure) != nullptr ||
                    state.rfind("08", 0) == 0 || state.rfind("57P", 0) == 0 ||
                    (connection_ && !connection_->is_open());
  if (lost) {
    close();
    return {.code = ErrorCode::kStoreUnreachable,
            .message = start +
                       "the database server does not answer, so no call is made; what waits "
                       "stays in the outbox (" +
                       words + ")"};
  }
  return {.code = ErrorCode::kStoreUnusable, .message = start + words};
}

}  // namespace weir::store
