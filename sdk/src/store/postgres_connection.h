// PostgresConnection: one session with a PostgreSQL server, opened again when it was lost, and the
// translation of what goes wrong into errors a person understands.
//
// A session is refused when the server may forget what it has acknowledged (fsync or
// synchronous_commit off), is a standby, or sits behind a pooler that gives each transaction
// another session: calls could then be counted twice or not at all. The schema is that of the first
// session, however the paths of the role or the database change meanwhile. Not thread-safe: its
// owner locks.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <exception>
#include <memory>
#include <pqxx/pqxx>
#include <string>

namespace weir::store {

class PostgresConnection {
 public:
  // `busy_timeout`: how long a statement waits for another session's lock. `schema`: empty is the
  // first one of the search path that exists.
  explicit PostgresConnection(const std::string& url,
                              Milliseconds busy_timeout = std::chrono::seconds{5},
                              std::string schema = {});

  // Of the sessions, once there was one.
  const std::string& schema() const { return schema_; }

  // The open session; opens one when there is none. Throws what libpqxx throws, or StoreFailure.
  pqxx::connection& session();

  // Gives the session up, and with it every lock that it holds.
  void close() { connection_.reset(); }

  // Counts the sessions that were opened: a lock of an earlier one is lost.
  int generation() const { return generation_; }

  // The error for an exception of libpqxx. Gives the session up when it is broken.
  Error error_from(const std::exception& failure);

 private:
  void check_server();
  void settle_schema(pqxx::nontransaction& work);
  [[noreturn]] void refuse_schema(pqxx::nontransaction& work) const;
  std::string advice_on_rights(const std::string& words) const;
  Error error_of_opening(const std::exception& failure) const;
  Error error_of_state(const std::string& state, const std::string& words) const;
  Error unexpected(const std::string& words) const;
  std::string words_of(const std::exception& failure) const;
  void check_pooler(pqxx::nontransaction& work, int process);
  void refuse(const std::string& why) const;

  const std::string url_;
  const std::string shown_;
  const Milliseconds busy_timeout_;
  std::string role_;  // as the server knows it, once there was a session
  std::string schema_;
  std::unique_ptr<pqxx::connection> connection_;
  int generation_ = 0;
};

}  // namespace weir::store
