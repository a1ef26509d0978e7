// Database: the store as SQL in transactions, the seam behind which SQLite and PostgreSQL stand.
//
// The ledger, the outbox and the mirror are written once, in SQL that both understand: parameters
// are $1, $2, …, conflicts are handled by ON CONFLICT, results of changes come by RETURNING. A
// function given to write() runs in one durable transaction: it is all there after a power loss, or
// nothing of it. Inside, run() throws StoreFailure; write() and read() turn that, and whatever else
// is thrown but a lack of memory, into an Error. Safe to use from several threads at once.
//
//   auto used = database.write([&](Statements& sql) -> Result<std::int64_t> {
//     return sql.run("UPDATE org_days SET used = used + 1 WHERE org_day = $1 RETURNING used",
//     {day}).at(0).integer(0);
//   });
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weir::store {

// Bytes that are not text.
struct Blob {
  std::string bytes;
};

using SqlValue = std::variant<std::monostate, std::int64_t, std::string, Blob>;

// Thrown by run() inside a transaction; never leaves write() or read().
class StoreFailure : public std::runtime_error {
 public:
  explicit StoreFailure(Error error)
      : std::runtime_error(error.message), error_(std::move(error)) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

// A value of another kind than Weir has ever written: the store is damaged. Thrown by SqlRow; the
// transaction turns it into an Error that names the place.
class DamagedCell : public std::runtime_error {
 public:
  explicit DamagedCell(std::size_t column)
      : std::runtime_error("a value of the wrong kind"), column_(column) {}
  std::size_t column() const { return column_; }

 private:
  std::size_t column_;
};

// One row of a result, by column number.
class SqlRow {
 public:
  SqlRow() = default;
  explicit SqlRow(std::vector<SqlValue> values) : values_(std::move(values)) {}

  // For a database that reads one row after the other into the same one, so that no memory is asked
  // for.
  std::vector<SqlValue>& values() { return values_; }

  bool is_null(std::size_t column) const {
    return std::holds_alternative<std::monostate>(values_.at(column));
  }
  std::int64_t integer(std::size_t column) const { return as<std::int64_t>(column); }
  const std::string& text(std::size_t column) const { return as<std::string>(column); }
  const std::string& bytes(std::size_t column) const { return as<Blob>(column).bytes; }

 private:
  template <class Kind>
  const Kind& as(std::size_t column) const {
    const auto* value = std::get_if<Kind>(&values_.at(column));
    if (value == nullptr) throw DamagedCell(column);
    return *value;
  }

  std::vector<SqlValue> values_;
};

// The SQL of one transaction.
class Statements {
 public:
  virtual ~Statements() = default;
  virtual std::vector<SqlRow> run(std::string_view sql,
                                  const std::vector<SqlValue>& parameters = {}) = 0;
  // The same without holding all rows in memory.
  virtual void for_each(std::string_view sql, const std::vector<SqlValue>& parameters,
                        const std::function<void(const SqlRow&)>& row) = 0;
  // Runs a statement that changes rows; how many it changed. Cheaper than RETURNING, for which
  // SQLite makes a table each time.
  virtual std::int64_t change(std::string_view sql, const std::vector<SqlValue>& parameters) = 0;
  // Runs a statement of whose result nothing depends, at its place in the order but perhaps only
  // together with the next one or the commit: over a network that is a round trip less. Its failure
  // is the transaction's.
  virtual void run_later(std::string_view sql, const std::vector<SqlValue>& parameters) {
    static_cast<void>(run(sql, parameters));
  }
};

class Database {
 public:
  virtual ~Database() = default;

  // Runs fn(Statements&) -> Result<T> in a transaction that writes; rolled back when fn returns an
  // error. kStoreBusy, kStoreFull, kStoreUnusable: nothing was written.
  template <class Fn>
  auto write(Fn&& fn) {
    return run_as(Access::kWrite, std::forward<Fn>(fn));
  }

  // The same for what adds to the store. Where the disk is nearly full it is refused at once, with
  // kStoreFull, so that what is there can still be sent and settled.
  template <class Fn>
  auto add(Fn&& fn) {
    return run_as(Access::kAdd, std::forward<Fn>(fn));
  }

  // Runs fn(Statements&) -> Result<T> on one consistent state.
  template <class Fn>
  auto read(Fn&& fn) {
    return run_as(Access::kRead, std::forward<Fn>(fn));
  }

 protected:
  enum class Access { kRead, kWrite, kAdd };

  // Commits when `body` returns true, rolls back when it returns false or throws StoreFailure.
  virtual Result<void> transact(Access access, const std::function<bool(Statements&)>& body) = 0;

 private:
  template <class Fn>
  auto run_as(Access access, Fn&& fn) -> std::invoke_result_t<Fn, Statements&> {
    using Outcome = std::invoke_result_t<Fn, Statements&>;
    std::optional<Outcome> outcome;
    Result<void> done = transact(access, [&](Statements& sql) {
      outcome.emplace(fn(sql));
      return outcome->has_value();
    });
    if (!done) return done.error();
    return std::move(*outcome);
  }
};

}  // namespace weir::store
