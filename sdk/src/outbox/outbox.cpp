#include "outbox/outbox.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "outbox/dead_letters.h"
#include "outbox/notes.h"
#include "outbox/row_values.h"
#include "outbox/tables.h"
#include "rows/cells_codec.h"
#include "rows/row_check.h"
#include "store/row_secret.h"

namespace weir::outbox {
namespace {

using store::Statements;

Error invalid(const std::string& where, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "data source " + where + ": " + problem + ". Nothing was changed."};
}

Error invalid(const std::string& source, std::size_t number, const std::string& problem) {
  Error error = invalid(source + ", change " + std::to_string(number), problem);
  error.position = number;
  return error;
}

std::optional<std::string> cell_problem(const SetCells& change, const SourceState& state) {
  if (change.cells.empty()) return "it names no cell to change";
  for (const CellUpdate& cell : change.cells) {
    if (first_invalid_byte(cell.column) || first_invalid_byte(cell.value)) {
      return "a cell of the row with key " + foreign_words(change.key) + " is not valid UTF-8 text";
    }
    if (state.columns.empty()) continue;
    const auto found = std::find(state.columns.begin(), state.columns.end(), cell.column);
    if (found == state.columns.end()) return "the data source has no column '" + cell.column + "'";
    if (found == state.columns.begin())
      return "'" + cell.column +
             "' is the key, which cannot be changed; "
             "delete the row and insert it under its new key";
  }
  return std::nullopt;
}

std::optional<std::string> width_problem(const Row& row,
                                         std::optional<std::int64_t> cells_per_row) {
  if (!cells_per_row || static_cast<std::int64_t>(row.size()) == *cells_per_row)
    return std::nullopt;
  return "the row with key " + foreign_words(row.front()) + " has " + std::to_string(row.size()) +
         " cells, but rows of this data "
         "source have " +
         std::to_string(*cells_per_row);
}

std::optional<std::string> change_problem(const Change& change, const SourceState& state,
                                          std::optional<std::int64_t> cells_per_row) {
  if (const auto* upsert = std::get_if<Upsert>(&change)) {
    if (auto problem = row_problem(upsert->row)) return problem;
    return width_problem(upsert->row, cells_per_row);
  }
  if (auto problem = key_problem(key_of(change))) return problem;
  if (const auto* set = std::get_if<SetCells>(&change)) return cell_problem(*set, state);
  return std::nullopt;
}

// How many cells a row must have: as the platform has accepted, else as the rows that wait already.
std::optional<std::int64_t> expected_cells(Statements& sql, const std::string& source,
                                           const SourceState& state) {
  if (state.cells_per_row) return state.cells_per_row;
  if (!state.columns.empty()) return static_cast<std::int64_t>(state.columns.size());
  const auto lines =
      sql.run("SELECT kind, cells FROM outbox WHERE source = $1 AND kind = $2 LIMIT 1",
              {source, static_cast<std::int64_t>(ChangeKind::kUpsert)});
  if (lines.empty()) return std::nullopt;
  return static_cast<std::int64_t>(change_of(lines.front(), 0, 1).cells.size());
}

// A change that was kept, and what waits for its key now, if anything does.
struct KeptChange {
  RowChange change = {};
  std::optional<ChangeKind> waiting = {};
};

// Keeps changes of one data source within one transaction.
class Keeping {
 public:
  // `columns`: those of the changes, where no others are known.
  Keeping(Statements& sql, const std::string& source, const KeyedHash& hash,
          const std::vector<std::string>& columns)
      : sql_(sql),
        source_(source),
        hash_(hash),
        state_(with_columns(load_source(sql, source), columns)),
        refused_(load_refused(sql, source, hash)),
        order_(sql, source) {}

  Result<KeptChange> keep(const Change& change, TimePoint now) {
    const std::string& key = key_of(change);
    const auto* upsert = std::get_if<Upsert>(&change);
    if (upsert != nullptr && is_refused(refused_, upsert->row, hash_)) {
      remove_waiting(sql_, source_, key);
      return KeptChange{};
    }
    MirrorRow mirror = mirror_row(sql_, source_, state_, key);
    if (upsert != nullptr) give_key(mirror, upsert->row);
    // Mostly nothing waits for the row, so that is tried before it is asked.
    const auto alone = coalesce(std::nullopt, mirror, change, state_.columns, hash_);
    if (alone && alone->has_value() && order_.put_new(key, **alone, now))
      return kept(key, std::nullopt, *alone, mirror);
    return keep_on_top(change, mirror, now);
  }

  const SourceState& state() const { return state_; }
  const RefusedRows& refused() const { return refused_; }

 private:
  static SourceState with_columns(SourceState state, const std::vector<std::string>& columns) {
    const auto width = static_cast<std::int64_t>(columns.size());
    if (!state.columns.empty() || columns.empty()) return state;
    if (state.cells_per_row.value_or(width) != width) return state;
    state.columns = columns;
    state.columns_of_apply = true;
    return state;
  }

  Result<KeptChange> keep_on_top(const Change& change, const MirrorRow& mirror, TimePoint now) {
    const std::string& key = key_of(change);
    const auto waiting = load_waiting(sql_, source_, key);
    const auto before = waiting ? std::optional(waiting->change) : std::nullopt;
    const auto after = coalesce(before, mirror, change, state_.columns, hash_);
    if (!after) return after.error();
    if (!after->has_value()) {
      if (waiting) remove_waiting(sql_, source_, key);
      // The platform is as wanted without it.
      if (refused_.erase(key) != 0) forget_refused(sql_, source_, key);
    } else if (*after != before) {
      order_.put(key, **after, now);
    }
    return kept(key, before, *after, mirror);
  }

  // A row that was acknowledged without a key, and is the same now, is known by its key from now
  // on.
  void give_key(MirrorRow& mirror, const Row& row) {
    if (mirror.presence != Presence::kPresent || mirror.hash != unkeyed_hash(row)) return;
    mirror.hash = hash_.of(row);
    set_mirror_hash(sql_, source_, row.front(), mirror.hash);
  }

  KeptChange kept(const std::string& key, const std::optional<PendingChange>& before,
                  const std::optional<PendingChange>& after, const MirrorRow& mirror) const {
    KeptChange kept{.change = {.key = short_key(key),
                               .before = value_of(before, mirror, hash_),
                               .after = value_of(after, mirror, hash_)}};
    if (after) kept.waiting = after->kind;
    return kept;
  }

  Statements& sql_;
  const std::string& source_;
  const KeyedHash& hash_;
  const SourceState state_;
  RefusedRows refused_;
  WaitingOrder order_;
};

// By key: what waits in the end.
using WaitingKinds = std::unordered_map<std::string, std::optional<ChangeKind>>;

ApplyReport report_of(const WaitingKinds& kinds, const RefusedRows& refused) {
  ApplyReport report;
  for (const auto& [key, kind] : kinds) {
    if (!kind) {
      ++(refused.contains(key) ? report.set_aside : report.unchanged);
    } else {
      ++(*kind == ChangeKind::kErase ? report.deleted : report.upserted);
    }
  }
  return report;
}

}  // namespace

const KeyedHash& Outbox::hash(Statements& sql) {
  static_assert(KeyedHash::kSecretBytes == store::kRowSecretBytes);
  const std::lock_guard lock(hash_mutex_);
  if (!hash_) hash_.emplace(store::load_row_secret(sql));
  return *hash_;
}

Result<const KeyedHash*> Outbox::hash() {
  return database_.read(
      [&](Statements& sql) -> Result<const KeyedHash*> { return &this->hash(sql); });
}

Result<ApplyReport> Outbox::apply(const std::string& source, const std::vector<Change>& changes,
                                  TimePoint now, const ApplyOptions& options) {
  std::vector<RowChange> changed;
  const auto keep_all = [&](Statements& sql) -> Result<ApplyReport> {
    if (const auto problem = column_names_problem(options.columns))
      return invalid(source, *problem);
    Keeping keeping(sql, source, hash(sql), options.columns);
    const SourceState& state = keeping.state();
    std::optional<std::int64_t> cells_per_row = expected_cells(sql, source, state);
    changed.clear();
    changed.reserve(changes.size());
    std::int64_t bytes = 0;
    WaitingKinds kinds;
    kinds.reserve(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
      if (const auto problem = change_problem(changes[i], state, cells_per_row))
        return invalid(source, i + 1, *problem);
      if (const auto problem = size_problem(changes[i], sizes_))
        return invalid(source, i + 1, *problem);
      bytes += bytes_of(changes[i]);
      const Result<KeptChange> kept = keeping.keep(changes[i], now);
      if (!kept) return invalid(source, i + 1, kept.error().message);
      if (kept->change.before != kept->change.after) changed.push_back(kept->change);
      kinds[key_of(changes[i])] = kept->waiting;
      if (const auto* upsert = std::get_if<Upsert>(&changes[i]);
          upsert != nullptr && !cells_per_row) {
        cells_per_row = static_cast<std::int64_t>(upsert->row.size());
      }
    }
    if (const auto full = room_.take(sql, bytes, sizes_)) return *full;
    if (Result<void> noted = keep_notes(sql, options.notes); !noted) return noted.error();
    note_changed(sql, history_, source, changed, now);
    save_source(sql, source, state);
    note_change(sql, source);
    return report_of(kinds, keeping.refused());
  };
  Result<ApplyReport> report = database_.add(keep_all);
  if (report) tell(source, std::move(changed));
  return report;
}

Result<std::int64_t> Outbox::discard(const std::string& source, TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<std::int64_t> {
    SourceState state = load_source(sql, source);
    if (history_.is_on()) {
      std::vector<std::string> keys;
      sql.for_each("SELECT row_key FROM outbox WHERE source = $1", {source},
                   [&](const store::SqlRow& line) { keys.push_back(line.text(0)); });
      if (!keys.empty()) note_settled(sql, history_, source, HistoryKind::kGivenUp, keys, now);
    }
    const std::int64_t waited = sql.change("DELETE FROM outbox WHERE source = $1", {source});
    // Nothing waits that could rest.
    sql.run("DELETE FROM halts WHERE source = $1", {source});
    if (waited == 0 && !state.replace_next) return std::int64_t{0};
    state.replace_next = false;
    state.replace_is_optional = false;
    // What the platform has never accepted goes with the rows.
    if (!state.cells_per_row) {
      state.columns.clear();
      state.columns_of_apply = false;
    }
    save_source(sql, source, state);
    note_change(sql, source);
    return waited;
  });
}

Result<KnownSource> Outbox::known(const std::string& source) {
  return database_.read([&](Statements& sql) -> Result<KnownSource> {
    SourceState state = load_source(sql, source);
    const auto lines = sql.run("SELECT count(*) FROM outbox WHERE source = $1", {source});
    const bool are_certain = state.are_columns_certain();
    return KnownSource{.columns = std::move(state.columns),
                       .are_columns_certain = are_certain,
                       .is_published = state.mirror_complete,
                       .waiting = lines.at(0).integer(0)};
  });
}

Result<bool> Outbox::is_known(const std::string& source) {
  return database_.read(
      [&](Statements& sql) -> Result<bool> { return load_source(sql, source).mirror_complete; });
}

Result<void> Outbox::set_columns(const std::string& source,
                                 const std::vector<std::string>& columns) {
  return database_.write([&](Statements& sql) -> Result<void> {
    SourceState state = load_source(sql, source);
    state.columns = columns;
    state.columns_of_apply = false;
    state.cells_per_row = static_cast<std::int64_t>(columns.size());
    save_source(sql, source, state);
    return {};
  });
}

Result<void> Outbox::bring_back_to(TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<void> {
    sql.run("UPDATE outbox SET stale_since_ms = $1 WHERE stale_since_ms > $1",
            {now.time_since_epoch().count()});
    return {};
  });
}

Result<std::vector<PendingSource>> Outbox::pending() {
  return database_.read([&](Statements& sql) -> Result<std::vector<PendingSource>> {
    std::vector<PendingSource> sources;
    sql.for_each(
        "SELECT s.id, s.replace_next, count(o.row_key), CAST(coalesce(sum(o.stale_since_ms), 0) AS "
        "BIGINT), "
        "coalesce(min(o.stale_since_ms), 0), coalesce(max(o.stale_since_ms), 0) FROM "
        "data_sources s "
        "LEFT JOIN outbox o ON o.source = s.id GROUP BY s.id, s.replace_next "
        "HAVING s.replace_next <> 0 OR count(o.row_key) > 0 ORDER BY s.id",
        {}, [&](const store::SqlRow& line) {
          sources.push_back({.source = line.text(0),
                             .stale_rows = line.integer(2),
                             .stale_since_sum_ms = line.integer(3),
                             .oldest_stale_since_ms = line.integer(4),
                             .newest_stale_since_ms = line.integer(5),
                             .replace_next = line.integer(1) != 0});
        });
    return sources;
  });
}

}  // namespace weir::outbox
