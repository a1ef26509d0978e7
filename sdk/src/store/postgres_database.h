// PostgresDatabase: the Database of many hosts, in one schema of a PostgreSQL database.
//
// Writers take one advisory lock for the length of their transaction, so that, as with SQLite, one
// writes at a time and the statements need no further thought about races; readers see one
// consistent snapshot. A commit whose end is not known is an error, so a call that may have been
// spent counts as spent and is not made. One session, one mutex; opened again after a loss.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/postgres_connection.h"
#include "store/store.h"

namespace weir::store {

class PostgresDatabase final : public Database {
 public:
  // Creates or upgrades the tables. Another schema than the default is chosen in the URL by
  // options=-csearch_path%3DNAME.
  static Result<std::unique_ptr<PostgresDatabase>> open(const StoreOptions& options);

  // Where its tables are.
  const std::string& schema() const { return connection_.schema(); }

 private:
  class Session;

  explicit PostgresDatabase(const StoreOptions& options);

  Result<void> transact(Access access, const std::function<bool(Statements&)>& body) override;
  void run_transaction(Access access, const std::function<bool(Statements&)>& body);
  void run_on(pqxx::nontransaction& work, Access access,
              const std::function<bool(Statements&)>& body, bool& is_usable);
  Result<void> create_or_check_schema(std::int64_t company_id);
  Result<void> check_schema();
  Result<void> check_creating(std::int64_t company_id);
  static bool has_tables(Statements& sql);
  Result<void> refuse_a_second_store(Statements& sql, std::int64_t company_id);
  std::string prepared(pqxx::nontransaction& work, const std::string& sql);

  const std::string shown_;
  std::mutex mutex_;
  PostgresConnection connection_;
  std::map<std::string, std::string> prepared_;  // statement to its name in session generation_
  std::string begin_write_;
  std::string last_sql_;  // of the transaction under way
  int generation_ = 0;
};

// The clock of the database server, in Unix milliseconds.
Milliseconds postgres_time(Statements& sql);

// The server, where this user may ask it, the database in it, and the table in that: a dump that is
// read in again makes tables of other numbers.
std::string postgres_identity(Statements& sql);

}  // namespace weir::store
