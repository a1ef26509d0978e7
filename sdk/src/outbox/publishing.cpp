// Reading a snapshot: its checks, and what is to be done with it.
#include "outbox/publishing.h"

#include <weir/foreign_words.h>

#include "outbox/notes.h"
#include "outbox/sizes.h"
#include "rows/guard_limits.h"
#include "rows/key_form.h"
#include "rows/row_check.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

Error invalid(const std::string& source, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "data source " + source + ": " + problem + ". Nothing was changed."};
}

// 50 and not 50.000000.
std::string shown(double percent) {
  std::string text = std::to_string(percent);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// The names of the columns must be those that the platform has accepted: a moved column would mix
// up all rows.
Result<void> check_columns(const std::string& source, const SourceState& state,
                           const PublishOptions& options) {
  if (options.replace || options.columns.empty() || !state.are_columns_certain()) return {};
  for (std::size_t i = 0; i < state.columns.size() && i < options.columns.size(); ++i) {
    if (state.columns[i] == options.columns[i]) continue;
    return invalid(
        source, "column " + std::to_string(i + 1) + " is " + foreign_words(options.columns[i]) +
                    ", but was '" + state.columns[i] +
                    "'; put the columns in the same order, or set PublishOptions::replace if they "
                    "have changed");
  }
  return {};
}

}  // namespace

Result<void> Publishing::begin(Statements& sql) {
  state_ = load_source(sql, source_);
  // A name that no call could carry is told here, and not with the first call.
  if (const auto problem = column_names_problem(options_.columns))
    return invalid(source_, *problem);
  if (Result<void> fits = check_columns(source_, state_, options_); !fits) return fits;
  cells_per_row_ = options_.columns.size();
  has_all_ = keep_all_ || must_replace() || state_.is_doubtful();
  comparison_.emplace(has_all_, hash_);
  load_mirror(sql);
  refused_ = load_refused(sql, source_, hash_);
  // Whoever replaces everything asks for all rows to be tried again.
  for (const auto& [key, hash] : refused_) {
    if (hash && !options_.replace) comparison_->set_refused(key, *hash);
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
    return refuse(row_number() + " has the key " + foreign_words(row.front()) + ", which row " +
                  std::to_string(**earlier) + " has already; keys must be unique");
  return {};
}

std::optional<std::string> Publishing::row_problem_of(const Row& row) const {
  if (rows_ > limits_.rows_per_data_source) {
    return "the snapshot has more than the " + std::to_string(limits_.rows_per_data_source) +
           " rows that a data source can hold. Serve larger tables by Platform Sync, which has no "
           "such limit";
  }
  if (const auto problem = row_problem(row)) return row_number() + ": " + *problem;
  if (const auto problem = size_problem(row, sizes_)) return row_number() + ": " + *problem;
  if (row.size() != cells_per_row_)
    return row_number() + " has " + std::to_string(row.size()) + " cells, but " +
           std::to_string(cells_per_row_) + " were expected";
  if (options_.replace || !state_.cells_per_row ||
      static_cast<std::int64_t>(row.size()) == *state_.cells_per_row)
    return std::nullopt;
  return "the rows have " + std::to_string(row.size()) + " cells, but the data source has " +
         std::to_string(*state_.cells_per_row) +
         " columns; correct the rows, or set PublishOptions::replace if its columns have changed";
}

std::optional<std::string> Publishing::deletes_problem(const Comparison::Counts& counts) const {
  const bool platform_may_have_rows = must_replace() || counts.mirror_rows > 0;
  if (counts.rows == 0 && platform_may_have_rows && !options_.allow_empty) {
    return "the snapshot is empty, which would delete every row; set PublishOptions::allow_empty "
           "if "
           "that is meant";
  }
  if (is_first() && limits_deletes() && !options_.first && !options_.replace) {
    return "this store does not know which rows the platform has, so it cannot tell how many a "
           "replace would delete. Choose FirstPublish::kAdopt, which reads them first (a call a "
           "page), or FirstPublish::kReplace, which deletes all that the snapshot lacks";
  }
  return too_many_deletes(counts);
}

std::optional<std::string> Publishing::too_many_deletes(const Comparison::Counts& counts) const {
  const std::string gone = "the snapshot would delete " + std::to_string(counts.gone) + " of " +
                           std::to_string(counts.mirror_rows) + " rows, more than the ";
  const auto more_than = [&](double percent) {
    return static_cast<double>(counts.gone) * 100 >
           percent * static_cast<double>(counts.mirror_rows);
  };
  if (options_.max_deletes && counts.gone > *options_.max_deletes)
    return gone + std::to_string(*options_.max_deletes) +
           " that PublishOptions::max_deletes allows; raise it if that is meant";
  // It is false of what is no number, as 0.0 / 0.
  const bool is_number = options_.max_deletes_percent.value_or(0) >= 0;
  if (!is_number) return "PublishOptions::max_deletes_percent must be a number from 0 on";
  if (options_.max_deletes_percent && more_than(*options_.max_deletes_percent))
    return gone + shown(*options_.max_deletes_percent) +
           " % that PublishOptions::max_deletes_percent allows; raise it if that is meant";
  const bool is_meant = counts.rows == 0 && options_.allow_empty;
  if (is_guarded() && !is_meant && counts.mirror_rows >= kGuardedRows && more_than(kGuardPercent))
    return gone +
           "half that PublishOptions::guard_deletes allows; set PublishOptions::max_deletes "
           "to " +
           std::to_string(counts.gone) + " if that is meant";
  return std::nullopt;
}

// Most rows are new, and are those that are gone but for the form of their keys: what a program
// does that reads numbers for texts, or texts for numbers, on the way here.
std::optional<std::string> Publishing::changed_keys(Statements& sql,
                                                    const Comparison::Counts& counts) const {
  if (!is_guarded() || counts.gone < 2 || counts.gone * 2 < counts.mirror_rows) return std::nullopt;
  std::unordered_map<std::string, std::string> gone;
  sql.for_each("SELECT row_key FROM mirror WHERE source = $1", {source_}, [&](const SqlRow& line) {
    const std::string& key = line.text(0);
    if (comparison_->is_in_snapshot(key)) return;
    gone.emplace(form_of_key(key), key);
    if (auto other = other_form_of_key(key)) gone.emplace(std::move(*other), key);
  });
  std::int64_t alike = 0;
  std::string example;
  comparison_->for_each_kept([&](const Row& row) {
    if (comparison_->is_in_mirror(row.front())) return;
    auto before = gone.find(form_of_key(row.front()));
    if (before == gone.end()) {
      const std::optional<std::string> other = other_form_of_key(row.front());
      if (other) before = gone.find(*other);
    }
    if (before == gone.end()) return;
    if (alike++ == 0)
      example = "from " + foreign_words(before->second) + " to " + foreign_words(row.front());
  });
  if (alike * 10 < counts.gone * 9) return std::nullopt;
  const std::string every = counts.gone == counts.mirror_rows ? "every key" : "nearly every key";
  return every + " has changed its form, as " + example + ", so " + std::to_string(counts.gone) +
         " rows would be deleted and inserted under other keys; correct the rows, or set "
         "PublishOptions::max_deletes to " +
         std::to_string(counts.gone) + " if that is meant";
}

ChangeCounts Publishing::difference(const Comparison::Counts& counts) const {
  return {.upserts = counts.changed,
          .updatable = may_update_whole_rows(state_) ? counts.updatable : 0,
          .deletes = counts.gone};
}

// A replace that the difference does not need: it saves calls, or it puts right what others have
// changed, of which nothing is known.
bool Publishing::chooses_replace(const Comparison::Counts& counts) const {
  // Without a row that is set aside, a replace would delete what the platform has of it.
  if (must_replace() || counts.set_aside > 0) return false;
  const bool fits = counts.rows > 0 && counts.rows <= limits_.replace_rows;
  return (state_.is_doubtful() && !limits_deletes() && fits) ||
         replace_is_cheaper(difference(counts), counts.rows, limits_) ||
         (options_.allow_incomplete_replace &&
          long_replace_is_cheaper(difference(counts), counts.rows, limits_));
}

Result<std::optional<PublishReport>> Publishing::end(Statements& sql, TimePoint now) {
  const SourceState before = std::exchange(state_, load_source(sql, source_));
  if (state_.revision != before.revision) {
    comparison_->forget_mirror();
    load_mirror(sql);
    if (load_refused(sql, source_, hash_) != refused_) return std::optional<PublishReport>();
  }
  const Comparison::Counts counts = comparison_->count();
  if (const auto problem = changed_keys(sql, counts)) return invalid(source_, *problem);
  if (const auto problem = deletes_problem(counts)) return invalid(source_, *problem);
  is_chosen_ = chooses_replace(counts);
  const std::vector<std::string> deletes = keys_to_delete(sql, counts);
  const auto number_of_deletes = static_cast<std::int64_t>(deletes.size());
  if (options_.dry_run) return std::optional(report(counts, number_of_deletes));
  wants_all_ = replaces();
  if (wants_all_ ? !has_all_ : !counts.has_cells) return std::optional<PublishReport>();
  keep(sql, deletes, now);
  if (const auto full = outbox_problem(sql, sizes_)) return *full;
  if (Result<void> noted = keep_notes(sql, options_.notes); !noted) return noted.error();
  remember(sql, counts);
  return std::optional(report(counts, number_of_deletes));
}

PublishReport Publishing::report(const Comparison::Counts& counts, std::int64_t deletes) const {
  PublishReport report{.rows = counts.rows,
                       .upserted = counts.changed,
                       .deleted = counts.gone,
                       .unchanged = counts.unchanged,
                       .set_aside = counts.set_aside,
                       .is_first = is_first(),
                       .replaces_all_rows = replaces() && !would_adopt(),
                       .doubtful = state_.is_doubtful(),
                       .store_was_put_back = state_.doubt == Doubt::kPutBack};
  if (is_chosen_) {
    report.calls_needed = plan_calls({.upserts = counts.rows, .replace = true}, limits_).calls;
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

}  // namespace weir::outbox
