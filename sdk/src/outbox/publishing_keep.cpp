// Keeping what a snapshot needs: changes in the outbox, and what the price engine learns of them.
#include "outbox/publishing.h"
#include "outbox/row_values.h"

namespace weir::outbox {

using store::SqlRow;
using store::Statements;

std::vector<std::string> Publishing::keys_to_delete(Statements& sql,
                                                    const Comparison::Counts& counts) const {
  std::vector<std::string> keys;
  if (counts.gone == 0) return keys;
  sql.for_each("SELECT row_key, hash FROM mirror WHERE source = $1", {source_},
               [&](const SqlRow& line) {
                 if (comparison_->is_in_snapshot(line.text(0))) return;
                 // A replace deletes by itself, unless a call under way may bring the row after
                 // all.
                 if (!replaces() || line.is_null(1)) keys.push_back(line.text(0));
               });
  return keys;
}

// Rows that a store of before has acknowledged without a key.
void Publishing::keep_keys_given(Statements& sql) const {
  if (!comparison_->gave_keys()) return;
  std::vector<std::string> keys;
  sql.for_each("SELECT row_key, hash FROM mirror WHERE source = $1 AND hash IS NOT NULL", {source_},
               [&](const SqlRow& line) {
                 const auto known = comparison_->mirrored(line.text(0));
                 if (known && to_bytes(*known) != line.bytes(1)) keys.push_back(line.text(0));
               });
  for (const std::string& key : keys)
    set_mirror_hash(sql, source_, key, to_bytes(*comparison_->mirrored(key)));
}

// Changes that wait although nothing needs to wait any more.
void Publishing::drop_settled(Statements& sql) const {
  std::vector<std::string> settled;
  sql.for_each("SELECT row_key FROM outbox WHERE source = $1", {source_}, [&](const SqlRow& line) {
    const std::string& key = line.text(0);
    const bool is_nowhere = !comparison_->is_in_snapshot(key) && !comparison_->is_in_mirror(key);
    const bool needs_none = comparison_->is_unchanged(key) || comparison_->is_set_aside(key);
    if (is_nowhere || needs_none) settled.push_back(key);
  });
  for (const std::string& key : settled) remove_waiting(sql, source_, key);
}

void Publishing::keep(Statements& sql, const std::vector<std::string>& deletes, TimePoint now) {
  keep_keys_given(sql);
  load_waiting_values(sql);
  const auto suspects = replaces() ? load_suspects(sql, source_) : std::vector<Suspect>();
  replaces() ? clear_waiting(sql, source_) : drop_settled(sql);
  for (const auto& [key, hash] : refused_) {
    if (options_.replace || !comparison_->is_in_snapshot(key) || comparison_->is_unchanged(key))
      forget_refused(sql, source_, key);
  }
  WaitingOrder order(sql, source_);
  for (const std::string& key : deletes)
    keep_change(order, key, {.kind = ChangeKind::kErase, .cells = {}}, now);
  comparison_->for_each_kept([&](const Row& row) {
    if (replaces() || !comparison_->is_unchanged(row.front()))
      keep_change(order, row.front(), {.kind = ChangeKind::kUpsert, .cells = row}, now);
  });
  for (const Suspect& suspect : suspects) mark_suspect(sql, source_, suspect);
  // What waited and is settled has gone back to what the platform has.
  for (const auto& [key, value] : waiting_values_) {
    if (!replaces() && comparison_->is_unchanged(key))
      note_value(key, value_of(std::nullopt, mirrored(key), hash_));
  }
  SourceState after = state_;
  after.replace_next = replaces();
  after.replace_is_optional = is_chosen_;
  if (!options_.columns.empty()) {
    after.columns = options_.columns;
    after.columns_of_apply = false;
  }
  save_source(sql, source_, after);
}

void Publishing::keep_change(WaitingOrder& order, const std::string& key,
                             const PendingChange& change, TimePoint now) {
  order.put(key, change, now);
  note_value(key, value_of(change, MirrorRow{}, hash_));
}

void Publishing::load_waiting_values(Statements& sql) {
  waiting_values_.clear();
  changes_.clear();
  sql.for_each("SELECT row_key, kind, cells FROM outbox WHERE source = $1", {source_},
               [&](const SqlRow& line) {
                 waiting_values_[line.text(0)] =
                     value_of(change_of(line, 1, 2), mirrored(line.text(0)), hash_);
               });
}

void Publishing::note_value(const std::string& key, ValueHash after) {
  if (!state_.mirror_complete) return;
  const auto waiting = waiting_values_.find(key);
  const ValueHash before = waiting == waiting_values_.end()
                               ? value_of(std::nullopt, mirrored(key), hash_)
                               : waiting->second;
  if (before == after) return;
  changes_.push_back({.key = short_key(key), .before = before, .after = after});
}

MirrorRow Publishing::mirrored(const std::string& key) const {
  if (!comparison_->is_in_mirror(key)) return {.presence = Presence::kAbsent};
  const auto known = comparison_->mirrored(key);
  return known ? MirrorRow{.presence = Presence::kPresent, .hash = to_bytes(*known)} : MirrorRow{};
}

// A snapshot of which nothing is to be sent is known again by its digest. Anything else has
// changed what waits.
void Publishing::remember(Statements& sql, const Comparison::Counts& counts) const {
  if (replaces() || counts.changed > 0 || counts.gone > 0) {
    note_change(sql, source_);
  } else {
    save_digest(sql, source_,
                {.rows = counts.rows,
                 .sum = comparison_->sum(),
                 .set_aside = counts.set_aside,
                 .raw = raw_},
                state_.revision);
  }
}

}  // namespace weir::outbox
