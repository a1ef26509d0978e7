// PostgresConnection: one session with a PostgreSQL server, opened again when it was lost, and the
// translation of what goes wrong into errors a person understands.
//
// A session is refused when the server may forget what it has acknowledged (fsync or
// synchronous_commit off), is a standby, or sits behind a pooler that gives each transaction
// another session: calls could then be counted twice or not at all. The schema is that of the first
// session, however the paths of the role or the database change meanwhile. A session whose server
// hangs is given up after a while, for the server's own bounds hang with it. Not thread-safe: its
// owner locks.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <exception>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>

#include "os/socket_watch.h"

namespace weir::store {

// How long sessions wait.
struct SessionLimits {
  // A statement for another session's lock.
  Milliseconds busy_timeout = std::chrono::seconds{5};
  // For an answer: longer than a server that is well lets a statement take.
  os::SilenceLimits silence = {.longest = std::chrono::seconds{35}};
};

struct StoreOptions;
SessionLimits session_limits(const StoreOptions& options);

class PostgresConnection {
 public:
  // `schema`: empty is the first one of the search path that exists.
  PostgresConnection(const std::string& url, SessionLimits limits, std::string schema = {});

  // Of the sessions, once there was one.
  const std::string& schema() const { return schema_; }

  // The open session; opens one when there is none. Throws what libpqxx throws, or StoreFailure.
  // Within an Answering.
  pqxx::connection& session();

  // While it lives the server is to answer. Each statement that is sent has its time anew.
  class Answering {
   public:
    explicit Answering(PostgresConnection& connection) : connection_(connection) {}
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;
    ~Answering() { connection_.expect_nothing(); }

   private:
    PostgresConnection& connection_;
  };
  void expect_answer();

  // Gives the session up, and with it every lock that it holds.
  void close();

  // Counts the sessions that were opened: a lock of an earlier one is lost.
  int generation() const { return generation_; }

  // The error for an exception of libpqxx. Gives the session up when it is broken.
  Error error_from(const std::exception& failure);

 private:
  void open();
  void expect_nothing();
  bool was_silent() const;
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
  const SessionLimits limits_;
  std::string role_;  // as the server knows it, once there was a session
  std::string schema_;
  std::unique_ptr<pqxx::connection> connection_;
  // Of the session, and of one that was given up for silence.
  std::optional<os::SocketWatch> watch_;
  bool is_away_ = false;  // no session could be opened, or the last one was given up for silence
  int generation_ = 0;
};

}  // namespace weir::store
