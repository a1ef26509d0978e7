#include "store/postgres_database.h"

#include <new>
#include <utility>

#include "store/damaged_cell.h"
#include "store/pqxx_version.h"
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
  const auto schema = one_row(work, "SELECT hashtext(current_schema())")[0].as<std::string>();
  return "BEGIN; SELECT pg_advisory_xact_lock(1466198386, " + schema + ")";
}

constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

SqlValue value_of(const pqxx::field& field) {
  if (field.is_null()) return std::monostate{};
  if (field.type() == kInt8 || field.type() == kInt4) return field.as<std::int64_t>();
  if (field.type() == kByteArray) return Blob{bytes_of(field)};
  return std::string(field.c_str(), field.size());
}

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
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
                          .message = "a text with a NUL character cannot be kept in PostgreSQL"});
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
    database_.last_sql_ = text;
    if (!waiting_.empty()) return send_with(as_text(text, parameters));
    database_.connection_.expect_answer();
    // Statements that make tables are run once, and must not be prepared before the table is there.
    return parameters.empty() ? work_.exec(text) : run_prepared(text, parameters);
  }

  pqxx::result send_with(const std::string& text) {
    const std::string all = waiting_.empty() ? text : waiting_ + "; " + text;
    waiting_.clear();
    database_.connection_.expect_answer();
    return work_.exec(all);
  }

  std::string as_text(const std::string& sql, const std::vector<SqlValue>& parameters) {
    if (parameters.empty()) return sql;
    database_.connection_.expect_answer();
    const std::string name = database_.prepared(work_, sql);
    prepare_now(work_, name);
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
    return exec_prepared(work_, database_.prepared(work_, sql), texts.pointers());
  }

  PostgresDatabase& database_;
  pqxx::nontransaction& work_;
  std::string waiting_;
};

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(const StoreOptions& options) {
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(options));
  Result<void> ready =
      options.use == StoreUse::kReal    ? database->create_or_check_schema(options.company_id)
      : options.use == StoreUse::kCheck ? database->check_creating(options.company_id)
                                        : database->check_schema();
  if (!ready) return ready.error();
  return database;
}

PostgresDatabase::PostgresDatabase(const StoreOptions& options)
    : shown_(shown_location(options.location)),
      connection_(options.location, session_limits(options)) {}

// Another schema has the calls and rows of this organization: to begin anew here would count from 0
// and replace all rows.
Result<void> PostgresDatabase::refuse_a_second_store(Statements& sql, std::int64_t company_id) {
  const auto elsewhere = sql.run(
      "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
      "c.relname = 'facts' AND c.relkind = 'r' AND n.nspname <> current_schema() AND "
      "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AND EXISTS "
      "(SELECT 1 FROM pg_class w WHERE w.relnamespace = n.oid AND w.relname = 'weir_schema') ORDER "
      "BY n.nspname");
  for (const SqlRow& line : elsewhere) {
    const std::string& other = line.text(0);
    const auto owner =
        sql.run("SELECT value FROM " + quoted_name(other) + ".facts WHERE name = 'company_id'");
    if (owner.empty() || owner.front().text(0) != std::to_string(company_id)) continue;
    return Error{.code = ErrorCode::kStoreUnusable,
                 .message = "the store " + shown_ + " has no tables of Weir in schema " + schema() +
                            ", but schema " + other +
                            " has those of this organization, with its calls and rows. Use them by "
                            "adding ?options=-csearch_path%3D" +
                            other + " to the address; nothing was changed."};
  }
  return {};
}

Result<void> PostgresDatabase::create_or_check_schema(std::int64_t company_id) {
  return write([&](Statements& sql) -> Result<void> {
    const bool there = has_tables(sql);
    if (!there && company_id != 0) {
      if (Result<void> alone = refuse_a_second_store(sql, company_id); !alone) return alone;
    }
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

bool PostgresDatabase::has_tables(Statements& sql) {
  return !sql.run(
                 "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = "
                 "'weir_schema'")
              .empty();
}

// As create_or_check_schema() would find it.
Result<void> PostgresDatabase::check_creating(std::int64_t company_id) {
  return read([&](Statements& sql) -> Result<void> {
    if (has_tables(sql)) {
      const auto lines = sql.run("SELECT version FROM weir_schema");
      const std::int64_t version = lines.empty() ? 0 : lines.front().integer(0);
      return version > schema_version() ? Result<void>(newer_schema(shown_, version))
                                        : Result<void>();
    }
    if (company_id != 0) {
      if (Result<void> alone = refuse_a_second_store(sql, company_id); !alone) return alone;
    }
    const auto lacks = sql.run(
        "SELECT quote_ident(current_schema()), quote_ident(current_user) WHERE NOT "
        "has_schema_privilege(current_schema(), 'CREATE')");
    if (lacks.empty()) return {};
    const std::string& role = lacks.front().text(1);
    return Error{.code = ErrorCode::kStoreUnusable,
                 .message = "cannot use the store " + shown_ + ": role " + role +
                            " may make no tables in schema " + lacks.front().text(0) +
                            ". Run: GRANT USAGE, CREATE ON SCHEMA " + lacks.front().text(0) +
                            " TO " + role};
  });
}

// Of a store that is only looked at.
Result<void> PostgresDatabase::check_schema() {
  return read([&](Statements& sql) -> Result<void> {
    if (!has_tables(sql)) return older_schema(shown_);
    const auto lines = sql.run("SELECT version FROM weir_schema");
    const std::int64_t version = lines.empty() ? 0 : lines.front().integer(0);
    if (version > schema_version()) return newer_schema(shown_, version);
    return version < schema_version() ? Result<void>(older_schema(shown_)) : Result<void>();
  });
}

// The name of a statement goes with each use of it, so it is short.
std::string PostgresDatabase::prepared(pqxx::nontransaction& work, const std::string& sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return found->second;
  const std::string name = "s" + std::to_string(prepared_.size());
  work.conn().prepare(name, sql);
  return prepared_.emplace(sql, name).first->second;
}

Result<void> PostgresDatabase::transact(Access access,
                                        const std::function<bool(Statements&)>& body) {
  std::lock_guard guard(mutex_);
  try {
    const PostgresConnection::Answering answering(connection_);
    run_transaction(access, body);
    return {};
  } catch (const StoreFailure& failure) {
    return failure.error();
  } catch (const DamagedCell& cell) {
    return damaged_cell(shown_, last_sql_, cell.column());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& failure) {
    return connection_.error_from(failure);
  }
}

void PostgresDatabase::run_transaction(Access access,
                                       const std::function<bool(Statements&)>& body) {
  bool is_usable = true;
  try {
    pqxx::nontransaction work(connection_.session());
    run_on(work, access, body, is_usable);
  } catch (const std::exception&) {
    // Not before the work is gone, which ends itself on its session.
    if (!is_usable) connection_.close();
    throw;
  }
}

void PostgresDatabase::run_on(pqxx::nontransaction& work, Access access,
                              const std::function<bool(Statements&)>& body, bool& is_usable) {
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
      connection_.expect_answer();
      work.exec("ROLLBACK");
    } catch (const std::exception&) {
      is_usable = false;
    }
    throw;
  }
}

Milliseconds postgres_time(Statements& sql) {
  return Milliseconds(sql.run("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)")
                          .at(0)
                          .integer(0));
}

std::string postgres_identity(Statements& sql) {
  return sql
      .run(
          "SELECT concat_ws('.', CASE WHEN has_function_privilege('pg_control_system()', "
          "'execute') THEN (SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()) END, "
          "(SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()), "
          "CAST(CAST(to_regclass('facts') AS OID) AS TEXT))")
      .at(0)
      .text(0);
}

}  // namespace weir::store
