#include "outbox/dead_letters.h"

#include "outbox/outbox.h"
#include "outbox/request_faults.h"
#include "outbox/tables.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::SqlValue;
using store::Statements;

const char* name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kUpsert:
      return "upsert";
    case ChangeKind::kErase:
      return "delete";
    case ChangeKind::kSetCells:
      break;
  }
  return "set";
}

// A condition on letters that are not dropped, and its parameters.
std::string condition(const DeadLetterChoice& choice, std::vector<SqlValue>& parameters) {
  std::string text = " WHERE dropped = 0";
  const auto add = [&](const char* column, SqlValue value) {
    parameters.push_back(std::move(value));
    text += std::string(" AND ") + column + " = $" + std::to_string(parameters.size());
  };
  if (choice.id) add("id", *choice.id);
  if (choice.source) add("source", *choice.source);
  if (choice.key) add("row_key", *choice.key);
  return text;
}

SetCells as_set(const std::string& key, const PendingChange& change) {
  SetCells set{.key = key, .cells = {}};
  for (std::size_t i = 0; i + 1 < change.cells.size(); i += 2)
    set.cells.push_back({.column = change.cells[i], .value = change.cells[i + 1]});
  return set;
}

// The refused change is older than what waits for its key by now.
Result<void> put_back(Statements& sql, const LetterToRetry& letter, TimePoint now,
                      const KeyedHash& hash) {
  const SourceState state = load_source(sql, letter.source);
  const auto waiting = load_waiting(sql, letter.source, letter.key);
  std::optional<PendingChange> change = letter.change;
  if (waiting && waiting->change.kind == ChangeKind::kSetCells &&
      letter.change.kind != ChangeKind::kErase) {
    const MirrorRow mirror = mirror_row(sql, letter.source, state, letter.key);
    auto both =
        coalesce(letter.change, mirror, as_set(letter.key, waiting->change), state.columns, hash);
    if (!both) return both.error();
    change = std::move(*both);
  } else if (waiting) {
    change.reset();
  }
  if (change) WaitingOrder(sql, letter.source).put(letter.key, *change, now);
  remove_letter(sql, letter.id);
  note_change(sql, letter.source);
  return {};
}

void list_waiting(Statements& sql, OutboxContents& contents) {
  sql.for_each(
      "SELECT s.id, s.replace_next, CAST(coalesce(sum(CASE WHEN o.kind = 0 THEN 1 ELSE 0 END), 0) "
      "AS BIGINT), CAST(coalesce(sum(CASE WHEN o.kind = 1 THEN 1 ELSE 0 END), 0) AS BIGINT), "
      "CAST(coalesce(sum(CASE WHEN o.kind = 2 THEN 1 ELSE 0 END), 0) AS BIGINT), "
      "CAST(coalesce(sum(o.suspect), 0) AS BIGINT), min(o.stale_since_ms) FROM data_sources s LEFT "
      "JOIN outbox o ON o.source = s.id GROUP BY s.id, s.replace_next HAVING s.replace_next <> 0 "
      "OR count(o.row_key) > 0 ORDER BY s.id",
      {}, [&](const SqlRow& line) {
        WaitingChanges waiting{.source = line.text(0),
                               .upserts = line.integer(2),
                               .deletes = line.integer(3),
                               .cell_updates = line.integer(4),
                               .replaces_all_rows = line.integer(1) != 0,
                               .suspects = line.integer(5)};
        if (!line.is_null(6)) waiting.oldest = TimePoint(Milliseconds(line.integer(6)));
        contents.waiting.push_back(std::move(waiting));
      });
}

// A halt of all data sources, whose name is empty, comes first; one of its own says more.
void list_halts(Statements& sql, OutboxContents& contents) {
  sql.for_each("SELECT source, reason, until_ms FROM halts ORDER BY source", {},
               [&](const SqlRow& line) {
                 for (WaitingChanges& waiting : contents.waiting) {
                   if (!line.text(0).empty() && line.text(0) != waiting.source) continue;
                   waiting.halted_by = line.text(1);
                   waiting.halted_until = TimePoint{Milliseconds(line.integer(2))};
                 }
               });
}

void list_letters(Statements& sql, OutboxContents& contents) {
  sql.for_each(
      "SELECT id, source, row_key, kind, reason, time_ms FROM dead_letters WHERE dropped = 0 ORDER "
      "BY id",
      {}, [&](const SqlRow& line) {
        contents.dead_letters.push_back(
            {.id = line.integer(0),
             .source = line.text(1),
             .key = line.text(2),
             .change = name_of(static_cast<ChangeKind>(line.integer(3))),
             .reason = line.text(4),
             .time = TimePoint(Milliseconds(line.integer(5)))});
      });
}

}  // namespace

RefusedRows load_refused(Statements& sql, const std::string& source, const KeyedHash& hash) {
  RefusedRows refused;
  sql.for_each("SELECT row_key, kind, cells FROM dead_letters WHERE source = $1 ORDER BY id",
               {source}, [&](const SqlRow& line) {
                 const PendingChange change = change_of(line, 1, 2);
                 refused[line.text(0)] = change.kind == ChangeKind::kUpsert
                                             ? std::optional(hash.of(change.cells))
                                             : std::nullopt;
               });
  return refused;
}

bool is_refused(const RefusedRows& refused, const Row& row, const KeyedHash& hash) {
  if (refused.empty()) return false;
  const auto found = refused.find(row.front());
  return found != refused.end() && found->second && *found->second == hash.of(row);
}

void forget_refused(Statements& sql, const std::string& source, const std::string& key) {
  sql.run("DELETE FROM dead_letters WHERE source = $1 AND row_key = $2", {source, key});
}

std::vector<LetterToRetry> load_letters(Statements& sql, const DeadLetterChoice& choice) {
  std::vector<SqlValue> parameters;
  const std::string where = condition(choice, parameters);
  std::vector<LetterToRetry> letters;
  sql.for_each(
      "SELECT id, source, row_key, kind, cells, reason FROM dead_letters" + where + " ORDER BY id",
      parameters, [&](const SqlRow& line) {
        letters.push_back({.id = line.integer(0),
                           .source = line.text(1),
                           .key = line.text(2),
                           .change = change_of(line, 3, 4),
                           .reason = line.text(5)});
      });
  return letters;
}

void remove_letter(Statements& sql, std::int64_t id) {
  sql.run("DELETE FROM dead_letters WHERE id = $1", {id});
}

Result<void> put_letters_back(Statements& sql, const std::string& source, const std::string& reason,
                              TimePoint now, const KeyedHash& hash) {
  for (const LetterToRetry& letter : load_letters(sql, {.source = source})) {
    if (letter.reason != reason) continue;
    if (Result<void> back = put_back(sql, letter, now, hash); !back) return back;
  }
  return {};
}

Result<void> Outbox::note_halt(const std::string& source, const std::string& reason,
                               TimePoint until) {
  return database_.write([&](Statements& sql) -> Result<void> {
    sql.run(
        "INSERT INTO halts (source, reason, until_ms) VALUES ($1, $2, $3) ON CONFLICT (source) "
        "DO UPDATE SET reason = excluded.reason, until_ms = excluded.until_ms",
        {source, reason, until.time_since_epoch().count()});
    return {};
  });
}

Result<std::vector<HaltedSource>> Outbox::halts(TimePoint now) {
  return database_.read([&](Statements& sql) -> Result<std::vector<HaltedSource>> {
    std::vector<HaltedSource> halts;
    sql.for_each("SELECT source, reason, until_ms FROM halts WHERE until_ms > $1 ORDER BY source",
                 {now.time_since_epoch().count()}, [&](const SqlRow& line) {
                   halts.push_back({.source = line.text(0),
                                    .reason = line.text(1),
                                    .until = TimePoint{Milliseconds(line.integer(2))}});
                 });
    return halts;
  });
}

Result<OutboxContents> Outbox::list() {
  return database_.read([&](Statements& sql) -> Result<OutboxContents> {
    OutboxContents contents;
    list_waiting(sql, contents);
    list_halts(sql, contents);
    list_letters(sql, contents);
    return contents;
  });
}

Result<std::int64_t> Outbox::retry(const DeadLetterChoice& choice, TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<std::int64_t> {
    const std::vector<LetterToRetry> letters = load_letters(sql, choice);
    if (choice.source) {
      forget_fault(sql, *choice.source);
    } else {
      forget_all_faults(sql);
    }
    for (const LetterToRetry& letter : letters) {
      if (Result<void> back = put_back(sql, letter, now, hash(sql)); !back) return back.error();
    }
    return static_cast<std::int64_t>(letters.size());
  });
}

Result<std::int64_t> Outbox::drop(const DeadLetterChoice& choice) {
  return database_.write([&](Statements& sql) -> Result<std::int64_t> {
    const std::vector<LetterToRetry> letters = load_letters(sql, choice);
    for (const LetterToRetry& letter : letters)
      sql.run("UPDATE dead_letters SET dropped = 1 WHERE id = $1", {letter.id});
    return static_cast<std::int64_t>(letters.size());
  });
}

}  // namespace weir::outbox
