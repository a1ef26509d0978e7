// The part of the outbox that turns a whole snapshot into the changes it needs.
//
// The rows are read outside of any transaction, since a source may be slow and the ledger must not
// wait for it. Whatever changed in the store meanwhile is seen when the result is kept: then the
// comparison is made again, and if rows are needed whose cells were not kept, the source is read
// again.
#include <optional>
#include <unordered_map>
#include <utility>

#include "outbox/comparison.h"
#include "outbox/dead_letters.h"
#include "outbox/outbox.h"
#include "outbox/planner.h"
#include "outbox/row_values.h"
#include "outbox/tables.h"
#include "outbox/text.h"
#include "outbox/vector_rows.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

constexpr int kMostReadings = 4;

Error invalid(const std::string& source, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "data source " + source + ": " + problem + ". Nothing was changed."};
}

Error keeps_changing(const std::string& source) {
  return {.code = ErrorCode::kLocked,
          .message = "data source " + source +
                     ": its rows were sent by others each time that the snapshot was read; publish "
                     "again. Nothing was changed."};
}

// The names of the columns must be those that the platform has accepted: a moved column would mix
// up all rows.
Result<void> check_columns(const std::string& source, const SourceState& state,
                           const PublishOptions& options) {
  if (options.replace || options.columns.empty() || state.columns.empty()) return {};
  for (std::size_t i = 0; i < state.columns.size() && i < options.columns.size(); ++i) {
    if (state.columns[i] == options.columns[i]) continue;
    return invalid(
        source, "column " + std::to_string(i + 1) + " is '" + options.columns[i] + "', but was '" +
                    state.columns[i] +
                    "'; put the columns in the same order, or replace everything if they "
                    "have changed");
  }
  return {};
}

// One reading of the snapshot, from the mirror as it was to the changes that are kept.
class Publishing {
 public:
  Publishing(const std::string& source, const PublishOptions& options, const CallLimits& limits,
             bool keep_all)
      : source_(source), options_(options), limits_(limits), keep_all_(keep_all) {}

  // Before the reading.
  Result<void> begin(Statements& sql);
  // One row, in order.
  Result<void> take(const Row& row);
  // After the reading. Empty: the snapshot must be read again, by another Publishing.
  Result<std::optional<PublishReport>> end(Statements& sql, TimePoint now);

  // Whether the next reading has to keep the cells of all rows.
  bool wants_all() const { return wants_all_; }

  // The rows whose values have changed; none of a data source that was never published before.
  std::vector<RowChange> take_changes() { return std::move(changes_); }

 private:
  void load_mirror(Statements& sql);
  std::optional<std::string> row_problem_of(const Row& row) const;
  std::optional<std::string> deletes_problem(const Comparison::Counts& counts) const;
  ChangeCounts difference(const Comparison::Counts& counts) const;
  std::vector<std::string> keys_to_delete(Statements& sql) const;
  void drop_settled(Statements& sql) const;
  void keep(Statements& sql, const std::vector<std::string>& deletes, TimePoint now);
  void keep_change(Statements& sql, const std::string& key, const PendingChange& change,
                   TimePoint now);
  void load_waiting_values(Statements& sql);
  void note_value(const std::string& key, ValueHash after);
  MirrorRow mirrored(const std::string& key) const;
  PublishReport report(const Comparison::Counts& counts, std::int64_t deletes) const;
  void remember(Statements& sql, const Comparison::Counts& counts) const;

  bool must_replace() const {
    return options_.replace || state_.replace_next || !state_.mirror_complete;
  }
  bool replaces() const { return must_replace() || is_cheaper_; }

  const std::string& source_;
  const PublishOptions& options_;
  const CallLimits& limits_;
  const bool keep_all_;
  bool has_all_ = false;
  bool wants_all_ = false;
  bool is_cheaper_ = false;  // a replace, although the difference is known
  SourceState state_;
  RefusedRows refused_;
  std::size_t cells_per_row_ = 0;
  std::int64_t rows_ = 0;
  std::optional<Comparison> comparison_;
  std::unordered_map<std::string, ValueHash> waiting_values_;
  std::vector<RowChange> changes_;
};

Result<void> Publishing::begin(Statements& sql) {
  state_ = load_source(sql, source_);
  if (Result<void> fits = check_columns(source_, state_, options_); !fits) return fits;
  cells_per_row_ = options_.columns.size();
  has_all_ = keep_all_ || must_replace();
  comparison_.emplace(has_all_);
  load_mirror(sql);
  refused_ = load_refused(sql, source_);
  for (const auto& [key, hash] : refused_) {
    if (hash) comparison_->set_refused(key, *hash);
  }
  return {};
}

void Publishing::load_mirror(Statements& sql) {
  sql.for_each("SELECT row_key, hash FROM mirror WHERE source = $1", {source_},
               [&](const SqlRow& line) {
                 comparison_->set_mirror(
                     line.text(0), line.is_null(1) ? std::nullopt : std::optional(line.bytes(1)));
               });
}

Result<void> Publishing::take(const Row& row) {
  ++rows_;
  const std::string number = "row " + std::to_string(rows_);
  const auto refuse = [&](const std::string& problem) {
    Error error = invalid(source_, problem);
    error.position = static_cast<std::size_t>(rows_);
    return error;
  };
  if (cells_per_row_ == 0) cells_per_row_ = row.size();
  if (const auto problem = row_problem_of(row)) return refuse(*problem);
  Result<std::optional<std::int64_t>> earlier = comparison_->add(row);
  if (!earlier) return earlier.error();
  if (earlier->has_value())
    return refuse(number + " has the key '" + row.front() + "', which row " +
                  std::to_string(**earlier) + " has already; keys must be unique");
  return {};
}

std::optional<std::string> Publishing::row_problem_of(const Row& row) const {
  if (rows_ > limits_.rows_per_data_source) {
    return "the snapshot has more than the " + std::to_string(limits_.rows_per_data_source) +
           " rows that a data source can hold. Serve larger tables by Platform Sync, which has no "
           "such limit";
  }
  const std::string number = "row " + std::to_string(rows_);
  if (const auto problem = row_problem(row)) return number + ": " + *problem;
  if (row.size() != cells_per_row_)
    return number + " has " + std::to_string(row.size()) + " cells, but " +
           std::to_string(cells_per_row_) + " were expected";
  if (options_.replace || !state_.cells_per_row ||
      static_cast<std::int64_t>(row.size()) == *state_.cells_per_row)
    return std::nullopt;
  return "the rows have " + std::to_string(row.size()) + " cells, but the data source has " +
         std::to_string(*state_.cells_per_row) +
         " columns; correct the rows, or replace everything if its columns have changed";
}

std::optional<std::string> Publishing::deletes_problem(const Comparison::Counts& counts) const {
  const bool platform_may_have_rows = must_replace() || counts.mirror_rows > 0;
  if (counts.rows == 0 && platform_may_have_rows && !options_.allow_empty) {
    return "the snapshot is empty, which would delete every row; allow an empty snapshot if that "
           "is meant";
  }
  const std::string gone = "the snapshot would delete " + std::to_string(counts.gone);
  if (options_.max_deletes && counts.gone > *options_.max_deletes)
    return gone + " rows, more than the " + std::to_string(*options_.max_deletes) + " allowed";
  const double percent = counts.mirror_rows == 0 ? 0.0
                                                 : 100.0 * static_cast<double>(counts.gone) /
                                                       static_cast<double>(counts.mirror_rows);
  if (options_.max_deletes_percent && percent > *options_.max_deletes_percent)
    return gone + " of " + std::to_string(counts.mirror_rows) +
           " rows, a larger share than allowed";
  return std::nullopt;
}

ChangeCounts Publishing::difference(const Comparison::Counts& counts) const {
  return {.upserts = counts.changed,
          .updatable = may_update_whole_rows(state_) ? counts.updatable : 0,
          .deletes = counts.gone};
}

Result<std::optional<PublishReport>> Publishing::end(Statements& sql, TimePoint now) {
  const SourceState before = std::exchange(state_, load_source(sql, source_));
  if (state_.revision != before.revision) {
    comparison_->forget_mirror();
    load_mirror(sql);
    if (load_refused(sql, source_) != refused_) return std::optional<PublishReport>();
  }
  const Comparison::Counts counts = comparison_->count();
  if (const auto problem = deletes_problem(counts)) return invalid(source_, *problem);
  // Without a row that is set aside, a replace would delete what the platform has of it.
  is_cheaper_ = !must_replace() && counts.set_aside == 0 &&
                replace_is_cheaper(difference(counts), counts.rows, limits_);
  const std::vector<std::string> deletes = keys_to_delete(sql);
  const auto number_of_deletes = static_cast<std::int64_t>(deletes.size());
  if (options_.dry_run) return std::optional(report(counts, number_of_deletes));
  wants_all_ = replaces();
  if (wants_all_ ? !has_all_ : !counts.has_cells) return std::optional<PublishReport>();
  keep(sql, deletes, now);
  remember(sql, counts);
  return std::optional(report(counts, number_of_deletes));
}

std::vector<std::string> Publishing::keys_to_delete(Statements& sql) const {
  std::vector<std::string> keys;
  sql.for_each("SELECT row_key, hash FROM mirror WHERE source = $1", {source_},
               [&](const SqlRow& line) {
                 if (comparison_->is_in_snapshot(line.text(0))) return;
                 // A replace deletes by itself, unless a call under way may bring the row after
                 // all.
                 if (!replaces() || line.is_null(1)) keys.push_back(line.text(0));
               });
  return keys;
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
  load_waiting_values(sql);
  const auto suspects = replaces() ? load_suspects(sql, source_) : std::vector<Suspect>();
  replaces() ? clear_waiting(sql, source_) : drop_settled(sql);
  for (const auto& [key, hash] : refused_) {
    if (!comparison_->is_in_snapshot(key) || comparison_->is_unchanged(key))
      forget_refused(sql, source_, key);
  }
  for (const std::string& key : deletes)
    keep_change(sql, key, {.kind = ChangeKind::kErase, .cells = {}}, now);
  comparison_->for_each_kept([&](const Row& row) {
    if (replaces() || !comparison_->is_unchanged(row.front()))
      keep_change(sql, row.front(), {.kind = ChangeKind::kUpsert, .cells = row}, now);
  });
  for (const Suspect& suspect : suspects) mark_suspect(sql, source_, suspect);
  // What waited and is settled has gone back to what the platform has.
  for (const auto& [key, value] : waiting_values_) {
    if (!replaces() && comparison_->is_unchanged(key))
      note_value(key, value_of(std::nullopt, mirrored(key)));
  }
  SourceState after = state_;
  after.replace_next = replaces();
  after.replace_is_optional = is_cheaper_;
  if (!options_.columns.empty()) after.columns = options_.columns;
  save_source(sql, source_, after);
}

void Publishing::keep_change(Statements& sql, const std::string& key, const PendingChange& change,
                             TimePoint now) {
  put_waiting(sql, source_, key, change, now);
  note_value(key, value_of(change, MirrorRow{}));
}

void Publishing::load_waiting_values(Statements& sql) {
  waiting_values_.clear();
  changes_.clear();
  sql.for_each("SELECT row_key, kind, cells FROM outbox WHERE source = $1", {source_},
               [&](const SqlRow& line) {
                 waiting_values_[line.text(0)] =
                     value_of(change_of(line, 1, 2), mirrored(line.text(0)));
               });
}

void Publishing::note_value(const std::string& key, ValueHash after) {
  if (!state_.mirror_complete) return;
  const auto waiting = waiting_values_.find(key);
  const ValueHash before =
      waiting == waiting_values_.end() ? value_of(std::nullopt, mirrored(key)) : waiting->second;
  if (before == after) return;
  changes_.push_back(
      {.key = short_key(fingerprint_of(std::string_view(key))), .before = before, .after = after});
}

MirrorRow Publishing::mirrored(const std::string& key) const {
  if (!comparison_->is_in_mirror(key)) return {.presence = Presence::kAbsent};
  const auto known = comparison_->mirrored(key);
  return known ? MirrorRow{.presence = Presence::kPresent, .hash = to_bytes(*known)} : MirrorRow{};
}

// A snapshot that is just what the platform has is known again by its digest. Anything else has
// changed what waits.
void Publishing::remember(Statements& sql, const Comparison::Counts& counts) const {
  if (replaces() || counts.changed > 0 || counts.gone > 0) {
    note_change(sql, source_);
  } else if (counts.set_aside == 0) {
    save_digest(sql, source_, {.rows = counts.rows, .sum = comparison_->sum()}, state_.revision);
  }
}

PublishReport Publishing::report(const Comparison::Counts& counts, std::int64_t deletes) const {
  PublishReport report{.rows = counts.rows,
                       .upserted = counts.changed,
                       .deleted = counts.gone,
                       .unchanged = counts.unchanged,
                       .set_aside = counts.set_aside};
  if (is_cheaper_) {
    report.calls_needed = 1;
    return report;
  }
  ChangeCounts planned = difference(counts);
  if (must_replace()) {
    report.upserted = counts.rows - counts.set_aside;
    report.deleted = deletes;
    report.unchanged = 0;
    planned = {.upserts = report.upserted, .deletes = deletes, .replace = true};
  }
  report.calls_needed = plan_calls(planned, limits_).calls;
  return report;
}

}  // namespace

Result<PublishReport> Outbox::publish(const std::string& source, const std::vector<Row>& rows,
                                      const PublishOptions& options, TimePoint now) {
  VectorRows in_memory(rows, options.columns);
  return publish(source, in_memory, options, now);
}

Result<PublishReport> Outbox::publish(const std::string& source, RowSource& rows,
                                      const PublishOptions& options, TimePoint now) {
  PublishOptions with_columns = options;
  Result<std::vector<std::string>> columns = rows.columns();
  if (!columns) return columns.error();
  if (!columns->empty()) with_columns.columns = std::move(*columns);
  Result<std::optional<PublishReport>> same = recognize(source, rows, with_columns);
  if (!same) return same.error();
  if (same->has_value()) return **same;
  bool keep_all = false;
  for (int readings = 0; readings < kMostReadings; ++readings) {
    Publishing publishing(source, with_columns, limits_, keep_all);
    const auto begin = [&](Statements& sql) { return publishing.begin(sql); };
    const auto end = [&](Statements& sql) { return publishing.end(sql, now); };
    if (Result<void> begun = database_.read(begin); !begun) return begun.error();
    const Result<void> read =
        rows.read({}, [&](const Row& row) -> Result<void> { return publishing.take(row); });
    if (!read) return read.error();
    Result<std::optional<PublishReport>> report =
        options.dry_run ? database_.read(end) : database_.write(end);
    if (!report) return report.error();
    if (report->has_value()) {
      tell(source, publishing.take_changes(), now);
      return **report;
    }
    keep_all = keep_all || publishing.wants_all();
  }
  return keeps_changing(source);
}

Result<std::optional<PublishReport>> Outbox::recognize(const std::string& source, RowSource& rows,
                                                       const PublishOptions& options) {
  const auto no = [] { return std::optional<PublishReport>(); };
  Result<std::optional<std::string>> version = rows.version();
  if (!version) return version.error();
  // Reading twice is cheap where the source knows its version, and may be dear elsewhere.
  if (!version->has_value() || options.replace) return no();
  const auto load = [&](Statements& sql) -> Result<std::optional<SnapshotDigest>> {
    const SourceState state = load_source(sql, source);
    if (state.replace_next || !state.mirror_complete || state.columns != options.columns)
      return std::optional<SnapshotDigest>();
    return load_digest(sql, source);
  };
  const Result<std::optional<SnapshotDigest>> known = database_.read(load);
  if (!known) return known.error();
  if (!known->has_value() || (*known)->rows == 0) return no();
  SnapshotDigest found;
  const Result<void> read = rows.read({}, [&](const Row& row) -> Result<void> {
    ++found.rows;
    add_to(found.sum, fingerprint_of(row));
    return {};
  });
  // What is wrong with a row is told by the reading that checks it.
  if (!read || !(found == **known)) return no();
  const Result<std::optional<SnapshotDigest>> still = database_.read(load);
  if (!still) return still.error();
  if (*still != *known) return no();
  return std::optional(PublishReport{.rows = found.rows, .unchanged = found.rows});
}

}  // namespace weir::outbox
