// The part of the outbox that hears what the platform refuses: the search for a bad row, the dead
// letters, and what is no row's fault.
#include <algorithm>
#include <utility>

#include "outbox/dead_letters.h"
#include "outbox/named_rows.h"
#include "outbox/outbox.h"
#include "outbox/request_faults.h"
#include "outbox/settled.h"
#include "outbox/tables.h"
#include "text/printable.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

void mark_suspects(Statements& sql, const Batch& batch, const Error& refusal) {
  sql.run("UPDATE outbox SET suspect = 0 WHERE source = $1 AND suspect <> 0", {batch.source});
  if (batch.changes.size() < 2) return;
  const auto named = named_rows(refusal.message, batch);
  for (const BatchChange& change : batch.changes) {
    if (!named.empty() && !named.contains(change.key)) continue;
    sql.run(
        "UPDATE outbox SET suspect = 1 WHERE source = $1 AND row_key = $2 AND order_number = $3",
        {batch.source, change.key, change.order_number});
  }
}

// What a replace would have deleted by itself.
void put_deletes_instead(Statements& sql, const std::string& source) {
  std::vector<std::string> gone;
  sql.for_each(
      "SELECT m.row_key FROM mirror m LEFT JOIN outbox o ON o.source = m.source AND o.row_key = "
      "m.row_key WHERE m.source = $1 AND o.row_key IS NULL",
      {source}, [&](const SqlRow& line) { gone.push_back(line.text(0)); });
  const auto oldest =
      sql.run("SELECT coalesce(min(stale_since_ms), 0) FROM outbox WHERE source = $1", {source});
  const TimePoint since{Milliseconds(oldest.at(0).integer(0))};
  WaitingOrder order(sql, source);
  for (const std::string& key : gone)
    order.put(key, {.kind = ChangeKind::kErase, .cells = {}}, since);
}

// All rows of a replace were refused: without them it would delete what the platform has, which
// nobody has asked for.
void keep_from_emptying(Statements& sql, const std::string& source) {
  SourceState state = load_source(sql, source);
  if (!state.replace_next) return;
  const auto rows = sql.run("SELECT 1 FROM outbox WHERE source = $1 AND kind = $2 LIMIT 1",
                            {source, static_cast<std::int64_t>(ChangeKind::kUpsert)});
  if (!rows.empty()) return;
  state.replace_next = false;
  state.replace_is_optional = false;
  save_source(sql, source, state);
}

// A row is missing that a change of the batch needs: whether the platform has acknowledged each of
// those rows.
bool lacks_known_row(const Batch& batch) {
  const auto needs_row = [](const BatchChange& change) {
    return change.change.kind != ChangeKind::kUpsert || change.as_update;
  };
  bool any = false;
  for (const BatchChange& change : batch.changes) {
    if (!needs_row(change)) continue;
    if (!change.hash_before) return false;
    any = true;
  }
  return any;
}

// Every store keeps it: valid UTF-8, without NUL.
std::string storable(const std::string& reason) { return text::printable(reason); }

}  // namespace

Result<bool> Outbox::simplify(const Batch& batch, const Error& refusal) {
  return database_.write([&](Statements& sql) -> Result<bool> {
    SourceState state = load_source(sql, batch.source);
    const bool has_updates =
        std::any_of(batch.changes.begin(), batch.changes.end(),
                    [](const BatchChange& change) { return change.as_update; });
    // A missing row says nothing of the names. Those rows are in doubt now and go as upserts.
    if (has_updates && refusal.code != ErrorCode::kMissingRow) state.updates_refused = true;
    const bool gave_up = has_updates || (batch.replace && state.replace_is_optional);
    if (!gave_up) mark_suspects(sql, batch, refusal);
    if (batch.replace && state.replace_is_optional) {
      put_deletes_instead(sql, batch.source);
      state.replace_next = false;
      state.replace_is_optional = false;
    }
    const bool is_drift = refusal.code == ErrorCode::kMissingRow && lacks_known_row(batch);
    if (is_drift && !state.is_doubtful()) state.doubt = Doubt::kOthers;
    save_source(sql, batch.source, state);
    note_change(sql, batch.source);
    return is_drift;
  });
}

Result<bool> Outbox::bury(const Batch& batch, const std::string& reason, TimePoint now,
                          const std::string& settings) {
  return database_.write([&](Statements& sql) -> Result<bool> {
    bool is_request_fault = false;
    const bool is_named = !named_rows(reason, batch).empty();
    for (const BatchChange& change : batch.changes) {
      const auto waiting = load_waiting(sql, batch.source, change.key);
      if (!waiting || !is_settled_by(*waiting, change)) continue;
      if (change.change.kind != ChangeKind::kSetCells)
        forget_refused(sql, batch.source, change.key);
      sql.run("UPDATE dead_letter_ids SET last = last + 1");
      const auto letter = sql.run(
          "INSERT INTO dead_letters (id, source, row_key, kind, cells, reason, time_ms) "
          "SELECT (SELECT last FROM dead_letter_ids), source, row_key, kind, cells, $3, $4 "
          "FROM outbox WHERE source = $1 AND row_key = $2 RETURNING id",
          {batch.source, change.key, storable(reason), now.time_since_epoch().count()});
      remove_waiting(sql, batch.source, change.key);
      note_settled(sql, history_, batch.source, HistoryKind::kGivenUp, {&change.key, 1}, now);
      if (!is_named && !letter.empty())
        is_request_fault =
            makes_fault(sql, batch.source, letter.at(0).integer(0), storable(reason));
    }
    if (is_request_fault) {
      if (Result<void> back = put_letters_back(sql, batch.source, storable(reason), now, hash(sql));
          !back)
        return back.error();
      settle_fault(sql, batch.source, settings, now, hash(sql));
    }
    keep_from_emptying(sql, batch.source);
    note_change(sql, batch.source);
    return is_request_fault;
  });
}

Result<std::optional<StandingFault>> Outbox::request_fault(const std::string& source,
                                                           const std::string& settings,
                                                           TimePoint now) {
  return database_.read([&](Statements& sql) -> Result<std::optional<StandingFault>> {
    return standing_fault(sql, source, settings, now, hash(sql));
  });
}

Result<bool> Outbox::repeats_fault(const Batch& batch, const std::string& reason, TimePoint now,
                                   const std::string& settings) {
  return database_.write([&](Statements& sql) -> Result<bool> {
    return outbox::repeats_fault(sql, batch.source, storable(reason), settings, now, hash(sql));
  });
}

Result<void> Outbox::limit_size(const Batch& batch) {
  return database_.write([&](Statements& sql) -> Result<void> {
    SourceState state = load_source(sql, batch.source);
    state.body_bytes = std::max<std::int64_t>(1, batch.bytes / 2);
    save_source(sql, batch.source, state);
    note_change(sql, batch.source);
    return {};
  });
}

}  // namespace weir::outbox
