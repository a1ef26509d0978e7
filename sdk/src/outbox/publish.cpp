// The part of the outbox that turns a whole snapshot into the changes it needs.
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "outbox/call_count.h"
#include "outbox/outbox.h"
#include "outbox/row_hash.h"
#include "outbox/tables.h"
#include "outbox/text.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

Error invalid(const std::string& source, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "data source " + source + ": " + problem + ". Nothing was changed."};
}

std::string row_number(std::size_t index) { return "row " + std::to_string(index + 1); }

Error invalid_row(const std::string& source, std::size_t index, const std::string& problem) {
  Error error = invalid(source, row_number(index) + problem);
  error.position = index + 1;
  return error;
}

// Key to position in the snapshot.
using SnapshotIndex = std::unordered_map<std::string, std::size_t>;

Result<SnapshotIndex> index_of(const std::string& source, const std::vector<Row>& rows,
                               const PublishOptions& options) {
  const std::size_t cells = !options.columns.empty() ? options.columns.size()
                            : rows.empty()           ? 0
                                                     : rows.front().size();
  SnapshotIndex index;
  index.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (const auto problem = row_problem(rows[i])) return invalid_row(source, i, ": " + *problem);
    if (rows[i].size() != cells) {
      return invalid_row(source, i,
                         " has " + std::to_string(rows[i].size()) + " cells, but " +
                             std::to_string(cells) + " were expected");
    }
    const auto [first, is_new] = index.emplace(rows[i].front(), i);
    if (!is_new) {
      return invalid_row(source, i,
                         " has the key '" + rows[i].front() + "', which " +
                             row_number(first->second) + " has already; keys must be unique");
    }
  }
  return index;
}

// The columns of the snapshot must be those that the platform has accepted: a moved column would
// mix up all rows.
Result<void> check_columns(const std::string& source, const SourceState& state,
                           const std::vector<Row>& rows, const PublishOptions& options) {
  if (options.replace || !state.cells_per_row || rows.empty()) return {};
  if (static_cast<std::int64_t>(rows.front().size()) != *state.cells_per_row) {
    return invalid(
        source,
        "the rows have " + std::to_string(rows.front().size()) +
            " cells, but the data source has " + std::to_string(*state.cells_per_row) +
            " columns; correct the rows, or replace everything if its columns have changed");
  }
  if (options.columns.empty() || state.columns.empty()) return {};
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

// What a snapshot asks for, worked out without changing anything.
struct Difference {
  bool replace = false;
  std::vector<std::size_t> upserts = {};  // positions in the snapshot
  std::vector<std::string> deletes = {};  // keys the platform has, or may have
  std::vector<std::string> settled = {};  // keys for which nothing needs to wait any more
  std::int64_t unchanged = 0;
  std::int64_t mirror_rows = 0;
  std::int64_t rows_gone = 0;  // rows of the mirror that the snapshot lacks
};

using WaitingKeys = std::unordered_set<std::string>;

WaitingKeys waiting_keys(Statements& sql, const std::string& source) {
  WaitingKeys keys;
  sql.for_each("SELECT row_key FROM outbox WHERE source = $1", {source},
               [&](const SqlRow& line) { keys.insert(line.text(0)); });
  return keys;
}

void add_rows_to_send(Difference& difference, const std::vector<Row>& rows,
                      const MirrorRows& mirror, const WaitingKeys& waiting) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto known = mirror.find(rows[i].front());
    const bool same = known != mirror.end() && known->second && *known->second == row_hash(rows[i]);
    if (difference.replace || !same) {
      difference.upserts.push_back(i);
    } else {
      if (waiting.contains(rows[i].front())) difference.settled.push_back(rows[i].front());
      ++difference.unchanged;
    }
  }
}

void add_rows_to_delete(Difference& difference, const SnapshotIndex& index,
                        const MirrorRows& mirror, const WaitingKeys& waiting) {
  for (const auto& [key, hash] : mirror) {
    if (index.contains(key)) continue;
    ++difference.rows_gone;
    // A replace deletes by itself, unless a call under way may bring the row after all.
    if (!difference.replace || !hash) difference.deletes.push_back(key);
  }
  for (const std::string& key : waiting) {
    if (!index.contains(key) && !mirror.contains(key)) difference.settled.push_back(key);
  }
}

Difference difference_to(Statements& sql, const std::string& source, const std::vector<Row>& rows,
                         const SnapshotIndex& index, bool replace) {
  const MirrorRows mirror = load_mirror(sql, source);
  Difference difference{.replace = replace};
  difference.mirror_rows = static_cast<std::int64_t>(mirror.size());
  const WaitingKeys waiting = waiting_keys(sql, source);
  add_rows_to_send(difference, rows, mirror, waiting);
  add_rows_to_delete(difference, index, mirror, waiting);
  return difference;
}

std::optional<std::string> deletes_problem(const Difference& difference,
                                           const std::vector<Row>& rows,
                                           const PublishOptions& options) {
  const bool platform_may_have_rows = difference.replace || difference.mirror_rows > 0;
  if (rows.empty() && platform_may_have_rows && !options.allow_empty) {
    return "the snapshot is empty, which would delete every row; allow an empty snapshot if that "
           "is meant";
  }
  const std::int64_t gone = difference.rows_gone;
  if (options.max_deletes && gone > *options.max_deletes) {
    return "the snapshot would delete " + std::to_string(gone) + " rows, more than the " +
           std::to_string(*options.max_deletes) + " allowed";
  }
  const double percent =
      difference.mirror_rows == 0
          ? 0.0
          : 100.0 * static_cast<double>(gone) / static_cast<double>(difference.mirror_rows);
  if (options.max_deletes_percent && percent > *options.max_deletes_percent) {
    return "the snapshot would delete " + std::to_string(gone) + " of " +
           std::to_string(difference.mirror_rows) + " rows, a larger share than allowed";
  }
  return std::nullopt;
}

void keep(Statements& sql, const std::string& source, const std::vector<Row>& rows,
          const Difference& difference, TimePoint now) {
  for (const std::string& key : difference.settled) remove_waiting(sql, source, key);
  for (const std::string& key : difference.deletes) {
    put_waiting(sql, source, key, {.kind = ChangeKind::kErase, .cells = {}}, now);
  }
  for (const std::size_t i : difference.upserts) {
    put_waiting(sql, source, rows[i].front(), {.kind = ChangeKind::kUpsert, .cells = rows[i]}, now);
  }
}

PublishReport report_of(const std::vector<Row>& rows, const Difference& difference,
                        const CallLimits& limits) {
  PublishReport report;
  report.rows = static_cast<std::int64_t>(rows.size());
  report.upserted = static_cast<std::int64_t>(difference.upserts.size());
  report.deleted = static_cast<std::int64_t>(difference.deletes.size());
  report.unchanged = difference.unchanged;
  report.calls_needed = calls_for(
      {.upserts = report.upserted, .deletes = report.deleted, .replace = difference.replace},
      limits);
  return report;
}

}  // namespace

Result<PublishReport> Outbox::publish(const std::string& source, const std::vector<Row>& rows,
                                      const PublishOptions& options, TimePoint now) {
  if (static_cast<std::int64_t>(rows.size()) > limits_.rows_per_data_source) {
    return invalid(source, "the snapshot has more than the " +
                               std::to_string(limits_.rows_per_data_source) +
                               " rows that a data source can hold. Serve larger tables by Platform "
                               "Sync, which has no such limit");
  }
  Result<SnapshotIndex> index = index_of(source, rows, options);
  if (!index) return index.error();
  const auto work_out = [&](Statements& sql) -> Result<std::pair<SourceState, Difference>> {
    SourceState state = load_source(sql, source);
    if (Result<void> fits = check_columns(source, state, rows, options); !fits) return fits.error();
    const bool replace = options.replace || state.replace_next || !state.mirror_complete;
    Difference difference = difference_to(sql, source, rows, *index, replace);
    if (const auto problem = deletes_problem(difference, rows, options))
      return invalid(source, *problem);
    return std::pair(std::move(state), std::move(difference));
  };
  if (options.dry_run) {
    return database_.read([&](Statements& sql) -> Result<PublishReport> {
      auto worked_out = work_out(sql);
      if (!worked_out) return worked_out.error();
      return report_of(rows, worked_out->second, limits_);
    });
  }
  return database_.write([&](Statements& sql) -> Result<PublishReport> {
    auto worked_out = work_out(sql);
    if (!worked_out) return worked_out.error();
    auto& [state, difference] = *worked_out;
    if (difference.replace) clear_waiting(sql, source);
    keep(sql, source, rows, difference, now);
    state.replace_next = difference.replace;
    if (!options.columns.empty()) state.columns = options.columns;
    save_source(sql, source, state);
    return report_of(rows, difference, limits_);
  });
}

}  // namespace weir::outbox
