#include "store/postgres_database.h"

#include <utility>

#include "store/schema.h"

namespace weir::store {
namespace {

// Types of results, as numbered in PostgreSQL's catalog (pg_type.dat), where they never change.
constexpr pqxx::oid kByteArray = 17;
constexpr pqxx::oid kInt8 = 20;
constexpr pqxx::oid kInt4 = 23;

// One lock per schema, which advisory locks do not know of by themselves. Two numbers name it, so
// it is never one of the lease locks, which are named by one.
std::string begin_write(pqxx::nontransaction& work) {
  const auto schema = work.exec1("SELECT hashtext(current_schema())")[0].as<std::string>();
  return "BEGIN; SELECT pg_advisory_xact_lock(1466198386, " + schema + ")";
}

constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

SqlValue value_of(const pqxx::field& field) {
  if (field.is_null()) return std::monostate{};
  if (field.type() == kInt8 || field.type() == kInt4) return field.as<std::int64_t>();
  if (field.type() == kByteArray) return Blob{pqxx::binarystring(field).str()};
  return std::string(field.c_str(), field.size());
}

// Parameters as text, which PostgreSQL reads by the type that their place asks for.
class TextParameters {
 public:
  explicit TextParameters(const std::vector<SqlValue>& values) {
    texts_.reserve(values.size());  // pointers into it are handed out
    for (const SqlValue& value : values) add(value);
  }
  const std::vector<const char*>& pointers() const { return pointers_; }

 private:
  void add(const SqlValue& value) {
    if (std::holds_alternative<std::monostate>(value)) {
      pointers_.push_back(nullptr);
      return;
    }
    texts_.push_back(text_of(value));
    pointers_.push_back(texts_.back().c_str());
  }

  static std::string text_of(const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* blob = std::get_if<Blob>(&value)) return hexadecimal(blob->bytes);
    const auto& text = std::get<std::string>(value);
    if (text.find('\0') != std::string::npos) {
      throw StoreFailure({.code = ErrorCode::kInvalidArgument,
                          .message = "a key with a NUL character cannot be kept in PostgreSQL"});
    }
    return text;
  }

  static std::string hexadecimal(const std::string& bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + 2 * bytes.size());
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      text += kDigits[byte >> 4];
      text += kDigits[byte & 0x0F];
    }
    return text;
  }

  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

}  // namespace

// The SQL of one transaction, on statements that are prepared once per session. What may wait goes
// with the next statement or the commit in one message: the server works through it in order and
// stops at the first that fails. The writers' lock never waits: a body may look at clocks before
// its first statement, and must hold the lock by then.
class PostgresDatabase::Session final : public Statements {
 public:
  Session(PostgresDatabase& database, pqxx::nontransaction& work)
      : database_(database), work_(work) {}

  std::vector<SqlRow> run(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    std::vector<SqlRow> rows;
    for_each(sql, parameters, [&](const SqlRow& row) { rows.push_back(row); });
    return rows;
  }

  void for_each(std::string_view sql, const std::vector<SqlValue>& parameters,
                const std::function<void(const SqlRow&)>& row) override {
    for (const pqxx::row& line : send(sql, parameters)) {
      std::vector<SqlValue> values;
      values.reserve(line.size());
      for (const pqxx::field& field : line) values.push_back(value_of(field));
      row(SqlRow(std::move(values)));
    }
  }

  std::int64_t change(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    return static_cast<std::int64_t>(send(sql, parameters).affected_rows());
  }

  void run_later(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    const std::string text = as_text(std::string(sql), parameters);
    waiting_ += (waiting_.empty() ? "" : "; ") + text;
  }

  void commit() { send_with("COMMIT"); }

 private:
  pqxx::result send(std::string_view sql, const std::vector<SqlValue>& parameters) {
    const std::string text(sql);
    if (!waiting_.empty()) return send_with(as_text(text, parameters));
    // Statements that make tables are run once, and must not be prepared before the table is there.
    return parameters.empty() ? work_.exec(text) : run_prepared(text, parameters);
  }

  pqxx::result send_with(const std::string& text) {
    const std::string all = waiting_.empty() ? text : waiting_ + "; " + text;
    waiting_.clear();
    return work_.exec(all);
  }

  std::string as_text(const std::string& sql, const std::vector<SqlValue>& parameters) {
    if (parameters.empty()) return sql;
    const std::string name = database_.prepared(sql);
    database_.connection_.session().prepare_now(name);
    const TextParameters texts(parameters);
    std::string text = "EXECUTE " + name + "(";
    for (std::size_t i = 0; i < texts.pointers().size(); ++i) {
      const char* value = texts.pointers()[i];
      text += (i == 0 ? "" : ", ") + (value == nullptr ? "NULL" : work_.quote(std::string(value)));
    }
    return text + ")";
  }

  pqxx::result run_prepared(const std::string& sql, const std::vector<SqlValue>& parameters) {
    const TextParameters texts(parameters);
    return work_.exec_prepared(database_.prepared(sql),
                               pqxx::prepare::make_dynamic_params(texts.pointers()));
  }

  PostgresDatabase& database_;
  pqxx::nontransaction& work_;
  std::string waiting_;
};

Result<std::unique_ptr<Database>> PostgresDatabase::open(const StoreOptions& options) {
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(options));
  if (Result<void> ready = database->create_or_check_schema(); !ready) return ready.error();
  return std::unique_ptr<Database>(std::move(database));
}

PostgresDatabase::PostgresDatabase(const StoreOptions& options)
    : shown_(shown_location(options.location)),
      connection_(options.location, options.busy_timeout) {}

Result<void> PostgresDatabase::create_or_check_schema() {
  return write([&](Statements& sql) -> Result<void> {
    const bool there = !sql.run(
                               "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND "
                               "tablename = 'weir_schema'")
                            .empty();
    if (!there) sql.run("CREATE TABLE weir_schema (version BIGINT NOT NULL)");
    const auto lines = sql.run("SELECT version FROM weir_schema");
    const std::int64_t version = lines.empty() ? 0 : lines.front().integer(0);
    if (version > schema_version()) return newer_schema(shown_, version);
    if (version == schema_version()) return {};
    upgrade_schema(sql, version);
    sql.run("DELETE FROM weir_schema");
    sql.run("INSERT INTO weir_schema (version) VALUES ($1)", {schema_version()});
    return {};
  });
}

// The name of a statement goes with each use of it, so it is short.
std::string PostgresDatabase::prepared(const std::string& sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return found->second;
  const std::string name = "s" + std::to_string(prepared_.size());
  connection_.session().prepare(name, sql);
  return prepared_.emplace(sql, name).first->second;
}

Result<void> PostgresDatabase::transact(Access access,
                                        const std::function<bool(Statements&)>& body) {
  std::lock_guard guard(mutex_);
  try {
    run_transaction(access, body);
    return {};
  } catch (const StoreFailure& failure) {
    return failure.error();
  } catch (const std::exception& failure) {
    return connection_.error_from(failure);
  }
}

void PostgresDatabase::run_transaction(Access access,
                                       const std::function<bool(Statements&)>& body) {
  pqxx::connection& session = connection_.session();
  pqxx::nontransaction work(session);
  if (generation_ != connection_.generation()) {
    prepared_.clear();
    begin_write_ = begin_write(work);
    generation_ = connection_.generation();
  }
  try {
    work.exec(access != Access::kRead ? begin_write_ : std::string(kBeginRead));
    Session statements(*this, work);
    if (body(statements)) {
      statements.commit();
    } else {
      work.exec("ROLLBACK");
    }
  } catch (const std::exception&) {
    // The session may be in any state; when it cannot even roll back it is of no more use.
    try {
      work.exec("ROLLBACK");
    } catch (const std::exception&) {
      connection_.close();
    }
    throw;
  }
}

Milliseconds postgres_time(Statements& sql) {
  return Milliseconds(sql.run("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)")
                          .at(0)
                          .integer(0));
}

}  // namespace weir::store
