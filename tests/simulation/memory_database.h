// MemoryDatabase: the store of a simulated organization, an SQLite database in memory.
//
// The same tables and the same SQL as in a file, without the disk: what a crash leaves is what was
// committed. All simulated processes share one, each through a StoreView of its own. Not
// thread-safe: a simulation lives in one thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "store/database.h"

namespace weir::simulation {

class MemoryDatabase final : public store::Database {
 public:
  MemoryDatabase();
  ~MemoryDatabase() override;

  // A number that a query gives; 0 when it gives none.
  std::int64_t number(const std::string& sql, const std::vector<store::SqlValue>& parameters = {});

  // "ok", or what SQLite finds wrong with it.
  std::string integrity();

 private:
  class Session;
  struct Statement;

  Result<void> transact(Access access,
                        const std::function<bool(store::Statements&)>& body) override;
  void execute(const char* sql);
  Error failure(std::string_view sql) const;
  Statement& prepared(std::string_view sql);

  std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection_;
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> prepared_;
};

}  // namespace weir::simulation
