#include "outbox/request_faults.h"

#include <algorithm>

namespace weir::outbox {
namespace {

using store::Blob;
using store::SqlRow;
using store::Statements;

constexpr std::int64_t kDifferentRows = 3;

struct Fault {
  std::string reason;
  std::string words;
  std::string letters;
  std::optional<std::string> rows;  // what waited when it was found; empty: it is only suspected
  std::string settings;
  TimePoint since;
};

std::optional<Fault> load(Statements& sql, const std::string& source) {
  const auto lines = sql.run(
      "SELECT reason, words, letters, waiting, settings, since_ms FROM request_faults WHERE source "
      "= $1",
      {source});
  if (lines.empty()) return std::nullopt;
  const SqlRow& line = lines.front();
  Fault fault{.reason = line.text(0),
              .words = line.text(1),
              .letters = line.text(2),
              .rows = {},
              .settings = line.text(4),
              .since = TimePoint(Milliseconds(line.integer(5)))};
  if (!line.is_null(3)) fault.rows = line.bytes(3);
  return fault;
}

// What waits for the data source, and nothing of its order.
std::string waiting_rows(Statements& sql, const std::string& source, const KeyedHash& hash) {
  Fingerprint sum;
  sql.for_each(
      "SELECT row_key, kind, cells FROM outbox WHERE source = $1", {source},
      [&](const SqlRow& line) {
        add_to(sum, hash.of_row({line.text(0), std::to_string(line.integer(1)), line.bytes(2)}));
      });
  return to_bytes(sum);
}

}  // namespace

std::optional<StandingFault> standing_fault(Statements& sql, const std::string& source,
                                            const std::string& settings, TimePoint now,
                                            const KeyedHash& hash) {
  const std::optional<Fault> fault = load(sql, source);
  if (!fault || !fault->rows || fault->settings != settings) return std::nullopt;
  if (now < fault->since || now - fault->since >= kFaultStandsFor) return std::nullopt;
  if (waiting_rows(sql, source, hash) != *fault->rows) return std::nullopt;
  return StandingFault{.reason = fault->reason, .until = fault->since + kFaultStandsFor};
}

std::optional<std::int64_t> row_in_question(Statements& sql, const std::string& source) {
  const std::optional<Fault> fault = load(sql, source);
  if (!fault) return std::nullopt;
  const auto letters = 1 + std::count(fault->letters.begin(), fault->letters.end(), ',');
  if (!fault->rows && letters < kDifferentRows - 1) return std::nullopt;
  const std::int64_t waiting =
      sql.run("SELECT count(*) FROM outbox WHERE source = $1", {source}).at(0).integer(0);
  if (waiting == 0) return std::nullopt;
  // Far from the rows that were refused; each try of a known fault takes another one.
  const std::int64_t skipped = fault->rows ? fault->since.time_since_epoch().count() % waiting : 0;
  return sql
      .run(
          "SELECT order_number FROM outbox WHERE source = $1 ORDER BY kind, order_number DESC "
          "LIMIT 1 OFFSET $2",
          {source, skipped})
      .at(0)
      .integer(0);
}

bool repeats_fault(Statements& sql, const std::string& source, const std::string& reason,
                   const std::string& settings, TimePoint now, const KeyedHash& hash) {
  const std::optional<Fault> fault = load(sql, source);
  if (!fault || !fault->rows || fault->words != reason) return false;
  settle_fault(sql, source, settings, now, hash);
  return true;
}

bool makes_fault(Statements& sql, const std::string& source, std::int64_t letter,
                 const std::string& reason) {
  const std::optional<Fault> before = load(sql, source);
  const bool is_same = before && before->words == reason;
  const std::string letters =
      (is_same ? before->letters + "," : std::string()) + std::to_string(letter);
  sql.run(
      "INSERT INTO request_faults (source, reason, words, letters, waiting, settings, since_ms) "
      "VALUES ($1, $2, $3, $4, NULL, '', 0) ON CONFLICT (source) DO UPDATE SET reason = "
      "excluded.reason, words = excluded.words, letters = excluded.letters, waiting = NULL",
      {source, reason, reason, letters});
  return sql.run("SELECT count(DISTINCT row_key) FROM dead_letters WHERE id IN (" + letters + ")")
             .at(0)
             .integer(0) >= kDifferentRows;
}

void settle_fault(Statements& sql, const std::string& source, const std::string& settings,
                  TimePoint now, const KeyedHash& hash) {
  sql.run("UPDATE outbox SET suspect = 0 WHERE source = $1 AND suspect <> 0", {source});
  sql.run(
      "UPDATE request_faults SET waiting = $2, settings = $3, since_ms = $4, letters = '' WHERE "
      "source = $1",
      {source, Blob{waiting_rows(sql, source, hash)}, settings, now.time_since_epoch().count()});
}

void forget_fault(Statements& sql, const std::string& source) {
  sql.run(
      "DELETE FROM halts WHERE source = $1 AND source IN (SELECT source FROM request_faults WHERE "
      "waiting IS NOT NULL)",
      {source});
  sql.run("DELETE FROM request_faults WHERE source = $1", {source});
}

void forget_all_faults(Statements& sql) {
  sql.run(
      "DELETE FROM halts WHERE source IN (SELECT source FROM request_faults WHERE waiting IS NOT "
      "NULL)");
  sql.run("DELETE FROM request_faults");
}

}  // namespace weir::outbox
