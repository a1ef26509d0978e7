// The rows of a query of an SQLite file, which is never written to.
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "input/sql_reading.h"
#include "input/sql_text.h"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBusyMilliseconds = 5000;
constexpr int kStepsBetweenLooks = 10'000;

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, Close>;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

class SqliteReading {
 public:
  SqliteReading(const SqlQuestion& question, SqlText text)
      : question_(question), text_(std::move(text)), until_(Clock::now() + question.longest) {}

  Result<void> read(const NamesSink& names, const RowSink& rows) {
    if (Result<void> opened = open(); !opened) return opened;
    if (Result<void> prepared = prepare(); !prepared) return prepared;
    if (Result<void> taken = names(names_); !taken || question_.names_only) return taken;
    Row row(names_.size());
    int status = SQLITE_OK;
    while ((status = sqlite3_step(statement_.get())) == SQLITE_ROW) {
      if (Result<void> read = read_row(row); !read) return read;
      if (Result<void> taken = rows(row); !taken) return taken;
    }
    if (status == SQLITE_DONE) return {};
    if (status != SQLITE_INTERRUPT) return problem();
    return question_.stop.stop_requested() ? stopped() : too_late(question_);
  }

 private:
  // Without "readonly", a mistyped name would leave an empty file behind.
  Result<void> open() {
    if (const std::string wrong = file_problem(); !wrong.empty())
      return sql_error(question_, wrong);
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(question_.address.connection().c_str(), &opened,
                                       SQLITE_OPEN_READONLY, nullptr);
    database_.reset(opened);
    if (opened == nullptr) return sql_error(question_, sqlite3_errstr(status));
    if (status != SQLITE_OK) return problem();
    sqlite3_extended_result_codes(opened, 0);
    sqlite3_busy_timeout(opened, kBusyMilliseconds);
    sqlite3_progress_handler(opened, kStepsBetweenLooks, &SqliteReading::must_end, this);
    return {};
  }

  // SQLite's own words do not tell them apart. A name that is an option of SQLite is its affair.
  std::string file_problem() const {
    const std::string path = question_.address.connection();
    struct stat found = {};
    if (path.starts_with("file:") || path.starts_with(':')) return "";
    if (::stat(path.c_str(), &found) != 0)
      return std::string("the database's file cannot be opened: ") + std::strerror(errno);
    return S_ISDIR(found.st_mode) ? "it is a folder, not a database's file" : "";
  }

  Result<void> prepare() {
    sqlite3_stmt* prepared = nullptr;
    const std::string query = text_.with(name());
    const int status = sqlite3_prepare_v2(database_.get(), query.c_str(),
                                          static_cast<int>(query.size()), &prepared, nullptr);
    statement_.reset(prepared);
    if (status != SQLITE_OK) return problem();
    const int columns = sqlite3_column_count(prepared);
    if (columns == 0) return gives_no_rows(question_);
    for (int i = 0; i < columns; ++i) {
      const char* name = sqlite3_column_name(prepared, i);
      names_.emplace_back(name != nullptr ? name : "");
    }
    return bind();
  }

  const char* name() const { return question_.since ? ":since" : ":email"; }

  Result<void> bind() {
    const int wanted = text_.has_parameter() ? 1 : 0;
    const int parameters = sqlite3_bind_parameter_count(statement_.get());
    const int at = sqlite3_bind_parameter_index(statement_.get(), name());
    if (parameters != wanted || (wanted == 1 && at == 0))
      return sql_error(question_, std::string("the query has a parameter that is not ") + name() +
                                      ", the only one");
    if (at == 0) return {};
    if (asks_for_lowest(question_)) {
      // Below all numbers, and numbers are below all texts.
      sqlite3_bind_double(statement_.get(), at, -std::numeric_limits<double>::infinity());
      return {};
    }
    value_ = parameter_value(question_, {});
    if (!value_) return {};
    if (const auto number = whole_number(*value_); number && question_.since) {
      sqlite3_bind_int64(statement_.get(), at, *number);
    } else {
      sqlite3_bind_text(statement_.get(), at, value_->data(), static_cast<int>(value_->size()),
                        SQLITE_STATIC);
    }
    return {};
  }

  // In an expression, SQLite holds every text for greater than any number.
  static std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  Result<void> read_row(Row& row) const {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int column = static_cast<int>(i);
      const int type = sqlite3_column_type(statement_.get(), column);
      if (type == SQLITE_BLOB) return holds_bytes(question_, names_[i], "BLOB");
      const auto* text =
          reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
      const int size = sqlite3_column_bytes(statement_.get(), column);
      if (text == nullptr && type != SQLITE_NULL) return sql_error(question_, "out of memory");
      row[i].assign(text != nullptr ? text : "", static_cast<std::size_t>(size));
      if (type == SQLITE_FLOAT)
        keep_number(sqlite3_column_double(statement_.get(), column), row[i]);
    }
    return {};
  }

  // SQLite shows 15 digits. Where that is another number, the cell gets as many as it takes.
  static void keep_number(double number, std::string& cell) {
    double shown = 0;
    const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), shown);
    const bool is_whole = problem == std::errc() && end == cell.data() + cell.size();
    if (!std::isfinite(number) || (is_whole && shown == number)) return;
    std::array<char, 64> digits = {};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    cell.assign(digits.data(), written.ptr);
    if (cell.find_first_of(".e") == std::string::npos) cell += ".0";
  }

  static int must_end(void* self) {
    const auto& reading = *static_cast<const SqliteReading*>(self);
    return reading.question_.stop.stop_requested() || Clock::now() > reading.until_ ? 1 : 0;
  }

  // SQLite's own words are of another cause, or of none.
  Error problem() const {
    const std::string file = question_.address.connection();
    const std::string words = sqlite3_errmsg(database_.get());
    switch (sqlite3_extended_errcode(database_.get())) {
      case SQLITE_READONLY_ROLLBACK:
        return sql_error(question_, unfinished(file + "-journal"));
      case SQLITE_READONLY_RECOVERY:
        return sql_error(question_, unfinished(file + "-wal"));
      case SQLITE_BUSY:
        return sql_error(question_, words +
                                        ": another program has been writing it for more than 5 s; "
                                        "try again when that has ended");
      default:
        return sql_error(question_, words);
    }
  }

  static std::string unfinished(const std::string& journal) {
    return "its last writer did not end, and has left " + journal +
           ": open the database once with sqlite3, or with the program that writes it, so that "
           "what was half written is taken back";
  }

  const SqlQuestion& question_;
  const SqlText text_;
  const Clock::time_point until_;
  std::vector<std::string> names_;
  std::optional<std::string> value_;  // of the parameter
  Database database_;
  Statement statement_;
};

}  // namespace

Result<void> read_sqlite(const SqlQuestion& question, const NamesSink& names, const RowSink& rows) {
  Result<SqlText> text = parameter_text(question, kSqliteDialect);
  if (!text) return text.error();
  return SqliteReading(question, std::move(*text)).read(names, rows);
}

}  // namespace weir::cli
