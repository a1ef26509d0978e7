#include "outbox/tables.h"

#include <utility>

#include "rows/cells_codec.h"

namespace weir::outbox {
namespace {

using store::Blob;
using store::SqlRow;
using store::SqlValue;
using store::Statements;

// The value of replace_next for a replace that was chosen.
constexpr std::int64_t kOptional = 2;

std::vector<std::string> decoded(const std::string& bytes) {
  Result<std::vector<std::string>> cells = decode_cells(bytes);
  if (!cells) throw store::StoreFailure(cells.error());
  return std::move(*cells);
}

WaitingChange waiting_of(const SqlRow& line) {
  return {.change = change_of(line, 0, 1),
          .stale_since = TimePoint(Milliseconds(line.integer(2))),
          .order_number = line.integer(3)};
}

SqlValue blob_or_null(const std::optional<std::string>& bytes) {
  if (!bytes) return std::monostate{};
  return Blob{*bytes};
}

}  // namespace

SourceState load_source(Statements& sql, const std::string& source) {
  const auto lines = sql.run(
      "SELECT columns, cells_per_row, mirror_complete, replace_next, updates_refused, revision, "
      "doubtful, body_bytes, columns_of_apply FROM data_sources WHERE id = $1",
      {source});
  if (lines.empty()) return {};
  const SqlRow& line = lines.front();
  SourceState state;
  if (!line.is_null(0)) state.columns = decoded(line.bytes(0));
  if (!line.is_null(1)) state.cells_per_row = line.integer(1);
  state.mirror_complete = line.integer(2) != 0;
  state.replace_next = line.integer(3) != 0;
  state.replace_is_optional = line.integer(3) == kOptional;
  state.updates_refused = line.integer(4) != 0;
  state.revision = line.integer(5);
  state.doubt = static_cast<Doubt>(line.integer(6));
  if (!line.is_null(7)) state.body_bytes = line.integer(7);
  state.columns_of_apply = line.integer(8) != 0;
  return state;
}

void save_source(Statements& sql, const std::string& source, const SourceState& state) {
  SqlValue columns;
  if (!state.columns.empty()) columns = Blob{encode_cells(state.columns)};
  SqlValue cells;
  if (state.cells_per_row) cells = *state.cells_per_row;
  SqlValue body_bytes;
  if (state.body_bytes) body_bytes = *state.body_bytes;
  sql.run(
      "INSERT INTO data_sources (id, columns, cells_per_row, mirror_complete, replace_next, "
      "updates_refused, doubtful, body_bytes, columns_of_apply) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
      "ON CONFLICT (id) DO UPDATE SET columns = excluded.columns, cells_per_row = "
      "excluded.cells_per_row, "
      "mirror_complete = excluded.mirror_complete, replace_next = excluded.replace_next, "
      "updates_refused = excluded.updates_refused, doubtful = excluded.doubtful, "
      "body_bytes = excluded.body_bytes, columns_of_apply = excluded.columns_of_apply",
      {source, columns, cells, std::int64_t{state.mirror_complete},
       state.replace_is_optional ? kOptional : std::int64_t{state.replace_next},
       std::int64_t{state.updates_refused}, static_cast<std::int64_t>(state.doubt), body_bytes,
       std::int64_t{state.columns_of_apply}});
}

void note_change(Statements& sql, const std::string& source) {
  sql.run("UPDATE data_sources SET revision = revision + 1 WHERE id = $1", {source});
}

bool may_update_whole_rows(const SourceState& state) {
  // By names that are only guessed, cells would go elsewhere than by their order.
  return !state.updates_refused && !state.columns.empty() && !state.columns_of_apply &&
         static_cast<std::int64_t>(state.columns.size()) == state.cells_per_row;
}

void save_digest(Statements& sql, const std::string& source, const SnapshotDigest& digest,
                 std::int64_t revision) {
  sql.run(
      "UPDATE data_sources SET digest = $2, digest_rows = $3, digest_revision = $4, digest_raw = "
      "$5, digest_set_aside = $6 WHERE id = $1",
      {source, Blob{to_bytes(digest.sum)}, digest.rows, revision,
       blob_or_null(digest.raw ? std::optional(to_bytes(*digest.raw)) : std::nullopt),
       digest.set_aside});
}

std::optional<SnapshotDigest> load_digest(Statements& sql, const std::string& source) {
  const auto lines = sql.run(
      "SELECT digest_rows, digest, digest_set_aside, digest_raw FROM data_sources WHERE id = $1 "
      "AND "
      "digest_revision = revision",
      {source});
  if (lines.empty()) return std::nullopt;
  const SqlRow& line = lines.front();
  SnapshotDigest digest{
      .rows = line.integer(0), .sum = from_bytes(line.bytes(1)), .set_aside = line.integer(2)};
  if (!line.is_null(3)) digest.raw = from_bytes(line.bytes(3));
  return digest;
}

MirrorRow mirror_row(Statements& sql, const std::string& source, const SourceState& state,
                     const std::string& key) {
  const auto lines =
      sql.run("SELECT hash FROM mirror WHERE source = $1 AND row_key = $2", {source, key});
  const bool is_there = !lines.empty();
  if (is_there && lines.front().is_null(0)) return {.presence = Presence::kUnknown};
  // A replace that is still to come leaves nothing of what the platform has now.
  if (state.replace_next) return {.presence = Presence::kAbsent};
  if (is_there) return {.presence = Presence::kPresent, .hash = lines.front().bytes(0)};
  return {.presence = state.mirror_complete ? Presence::kAbsent : Presence::kUnknown};
}

void set_mirror_hash(Statements& sql, const std::string& source, const std::string& key,
                     const std::optional<std::string>& hash) {
  sql.run(
      "INSERT INTO mirror (source, row_key, hash) VALUES ($1, $2, $3) "
      "ON CONFLICT (source, row_key) DO UPDATE SET hash = excluded.hash",
      {source, key, blob_or_null(hash)});
}

void remove_mirror_row(Statements& sql, const std::string& source, const std::string& key) {
  sql.run("DELETE FROM mirror WHERE source = $1 AND row_key = $2", {source, key});
}

void clear_mirror(Statements& sql, const std::string& source) {
  sql.run("DELETE FROM mirror WHERE source = $1", {source});
}

std::optional<WaitingChange> load_waiting(Statements& sql, const std::string& source,
                                          const std::string& key) {
  const auto lines = sql.run(
      "SELECT kind, cells, stale_since_ms, order_number FROM outbox WHERE source = $1 AND row_key "
      "= $2",
      {source, key});
  if (lines.empty()) return std::nullopt;
  return waiting_of(lines.front());
}

WaitingOrder::WaitingOrder(Statements& sql, const std::string& source)
    : sql_(sql), source_(source) {
  const auto lines =
      sql.run("SELECT coalesce(max(order_number), 0) FROM outbox WHERE source = $1", {source});
  last_ = lines.at(0).integer(0);
}

void WaitingOrder::put(const std::string& key, const PendingChange& change, TimePoint now) {
  sql_.run(
      "INSERT INTO outbox (source, row_key, order_number, kind, cells, stale_since_ms) VALUES ($1, "
      "$2, $6, $3, $4, $5) "
      "ON CONFLICT (source, row_key) DO UPDATE SET order_number = excluded.order_number, kind = "
      "excluded.kind, cells = excluded.cells, suspect = CASE WHEN outbox.kind = excluded.kind AND "
      "outbox.cells = excluded.cells THEN outbox.suspect ELSE 0 END",
      {source_, key, static_cast<std::int64_t>(change.kind), Blob{encode_cells(change.cells)},
       now.time_since_epoch().count(), ++last_});
}

bool WaitingOrder::put_new(const std::string& key, const PendingChange& change, TimePoint now) {
  return sql_.change(
             "INSERT INTO outbox (source, row_key, order_number, kind, cells, stale_since_ms) "
             "VALUES ($1, $2, $6, $3, $4, $5) ON CONFLICT DO NOTHING",
             {source_, key, static_cast<std::int64_t>(change.kind),
              Blob{encode_cells(change.cells)}, now.time_since_epoch().count(), ++last_}) > 0;
}

void remove_waiting(Statements& sql, const std::string& source, const std::string& key) {
  sql.run("DELETE FROM outbox WHERE source = $1 AND row_key = $2", {source, key});
}

std::vector<Suspect> load_suspects(Statements& sql, const std::string& source) {
  std::vector<Suspect> suspects;
  sql.for_each(
      "SELECT row_key, kind, cells FROM outbox WHERE source = $1 AND suspect = 1", {source},
      [&](const SqlRow& line) {
        suspects.push_back({.key = line.text(0), .kind = line.integer(1), .cells = line.bytes(2)});
      });
  return suspects;
}

void mark_suspect(Statements& sql, const std::string& source, const Suspect& suspect) {
  sql.run(
      "UPDATE outbox SET suspect = 1 WHERE source = $1 AND row_key = $2 AND kind = $3 AND cells = "
      "$4",
      {source, suspect.key, suspect.kind, Blob{suspect.cells}});
}

void clear_waiting(Statements& sql, const std::string& source) {
  sql.run("DELETE FROM outbox WHERE source = $1", {source});
}

PendingChange change_of(const SqlRow& line, std::size_t kind_column, std::size_t cells_column) {
  const std::int64_t kind = line.integer(kind_column);
  if (kind < 0 || kind > static_cast<std::int64_t>(ChangeKind::kSetCells))
    throw store::DamagedCell(kind_column);
  return {.kind = static_cast<ChangeKind>(kind), .cells = decoded(line.bytes(cells_column))};
}

}  // namespace weir::outbox
