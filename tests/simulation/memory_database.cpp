#include "simulation/memory_database.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "store/schema.h"

namespace weir::simulation {

using store::SqlRow;
using store::SqlValue;
using store::Statements;

struct MemoryDatabase::Statement {
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> handle{nullptr, &sqlite3_finalize};
  std::vector<int> places;  // of $1, $2, …: SQLite numbers them in the order in which they appear
};

namespace {

void bind(sqlite3_stmt* statement, int place, const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, place, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()),
                      SQLITE_TRANSIENT);
  } else if (const auto* blob = std::get_if<store::Blob>(&value)) {
    sqlite3_bind_blob(statement, place, blob->bytes.data(), static_cast<int>(blob->bytes.size()),
                      SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_null(statement, place);
  }
}

std::string bytes_of(sqlite3_stmt* statement, int column) {
  const void* bytes = sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

SqlValue value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_BLOB:
      return store::Blob{bytes_of(statement, column)};
    default:
      return bytes_of(statement, column);
  }
}

SqlRow row_of(sqlite3_stmt* statement) {
  std::vector<SqlValue> values;
  const int columns = sqlite3_column_count(statement);
  values.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) values.push_back(value_of(statement, i));
  return SqlRow(std::move(values));
}

}  // namespace

class MemoryDatabase::Session final : public Statements {
 public:
  explicit Session(MemoryDatabase& database) : database_(database) {}

  std::vector<SqlRow> run(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    std::vector<SqlRow> rows;
    for_each(sql, parameters, [&](const SqlRow& row) { rows.push_back(row); });
    return rows;
  }

  void for_each(std::string_view sql, const std::vector<SqlValue>& parameters,
                const std::function<void(const SqlRow&)>& row) override {
    Statement& prepared = database_.prepared(sql);
    sqlite3_stmt* statement = prepared.handle.get();
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> reset(statement, &sqlite3_reset);
    for (std::size_t i = 0; i < parameters.size() && i < prepared.places.size(); ++i) {
      if (prepared.places[i] != 0) bind(statement, prepared.places[i], parameters[i]);
    }
    int status = sqlite3_step(statement);
    for (; status == SQLITE_ROW; status = sqlite3_step(statement)) row(row_of(statement));
    if (status != SQLITE_DONE) throw store::StoreFailure(database_.failure(sql));
  }

  std::int64_t change(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    for_each(sql, parameters, [](const SqlRow&) {});
    return sqlite3_changes64(database_.connection_.get());
  }

 private:
  MemoryDatabase& database_;
};

MemoryDatabase::MemoryDatabase() : connection_(nullptr, &sqlite3_close) {
  sqlite3* connection = nullptr;
  // Used by one thread; what SQLite counts of its memory would make the others wait.
  static const int kQuick = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kQuick);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(":memory:", &connection, flags, nullptr) != SQLITE_OK)
    throw std::runtime_error("SQLite cannot open a database in memory");
  connection_.reset(connection);
  const Result<void> ready = write([&](Statements& sql) -> Result<void> {
    store::upgrade_schema(sql, 0);
    return {};
  });
  if (!ready) throw std::runtime_error(ready.error().message);
}

MemoryDatabase::~MemoryDatabase() = default;

Error MemoryDatabase::failure(std::string_view sql) const {
  return {.code = ErrorCode::kStoreUnusable,
          .message = std::string(sqlite3_errmsg(connection_.get())) + ": " + std::string(sql)};
}

MemoryDatabase::Statement& MemoryDatabase::prepared(std::string_view sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return *found->second;
  std::string text(sql);
  auto made = std::make_unique<Statement>();
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection_.get(), text.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw store::StoreFailure(failure(sql));
  made->handle.reset(statement);
  const int parameters = sqlite3_bind_parameter_count(statement);
  for (int i = 1; static_cast<int>(made->places.size()) < parameters && i <= 64; ++i)
    made->places.push_back(
        sqlite3_bind_parameter_index(statement, ("$" + std::to_string(i)).c_str()));
  return *prepared_.emplace(std::move(text), std::move(made)).first->second;
}

Result<void> MemoryDatabase::transact(Access, const std::function<bool(Statements&)>& body) {
  execute("BEGIN");
  Session session(*this);
  try {
    const bool keep = body(session);
    execute(keep ? "COMMIT" : "ROLLBACK");
    return {};
  } catch (const store::StoreFailure& failed) {
    execute("ROLLBACK");
    return failed.error();
  } catch (...) {
    execute("ROLLBACK");
    throw;
  }
}

void MemoryDatabase::execute(const char* sql) {
  Statement& statement = prepared(sql);
  sqlite3_step(statement.handle.get());
  sqlite3_reset(statement.handle.get());
}

std::int64_t MemoryDatabase::number(const std::string& sql,
                                    const std::vector<SqlValue>& parameters) {
  const auto found = read([&](Statements& statements) -> Result<std::int64_t> {
    const auto lines = statements.run(sql, parameters);
    return lines.empty() || lines.front().is_null(0) ? 0 : lines.front().integer(0);
  });
  return found ? *found : 0;
}

std::string MemoryDatabase::integrity() {
  const auto found = read([&](Statements& statements) -> Result<std::string> {
    return statements.run("PRAGMA integrity_check").at(0).text(0);
  });
  return found ? *found : found.error().message;
}

}  // namespace weir::simulation
