#include "outbox/diff.h"

#include <weir/foreign_words.h>

#include "rows/row_check.h"
#include "rows/whole_read.h"
#include "store/database.h"

namespace weir::outbox {
namespace {

Error bad_row(std::int64_t number, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "row " + std::to_string(number) + " " + problem,
          .position = static_cast<std::size_t>(number)};
}

}  // namespace

Result<void> Diff::want_all(RowSource& rows) {
  return read_whole(rows, {}, [this](const Row& row) { return want(row); });
}

Result<void> Diff::want(const Row& row) {
  const std::int64_t number = comparison_.count_of_rows() + 1;
  if (const auto problem = row_problem(row)) return bad_row(number, "is unusable: " + *problem);
  Result<std::optional<std::int64_t>> earlier = comparison_.add(row);
  if (!earlier) return earlier.error();
  if (!earlier->has_value()) return {};
  return bad_row(number, "has the key " + foreign_words(row.front()) + ", which row " +
                             std::to_string(**earlier) + " has already; keys must be unique");
}

void Diff::find(const Row& row) {
  ++found_;
  const std::string& key = row.front();
  // A key that comes twice is one row too many.
  const bool is_extra = comparison_.is_in_mirror(key) || !comparison_.is_in_snapshot(key);
  if (!comparison_.is_in_mirror(key)) comparison_.set_mirror(key, hash_.of(row));
  if (is_extra) ++extra_;
  if (!may_list() || (!is_extra && comparison_.is_unchanged(key))) return;
  if (!is_extra) different_[key] = listed_.size();
  listed_.push_back(
      {.kind = is_extra ? RowDifference::Kind::kExtra : RowDifference::Kind::kDifferent,
       .key = key,
       .on_platform = row});
}

Result<DiffReport> Diff::report() const try {
  DiffReport report{.rows_on_platform = found_, .extra = extra_, .differences = listed_};
  report.rows = comparison_.count_of_rows();
  comparison_.for_each_kept([&](const Row& row) {
    const std::string& key = row.front();
    if (!comparison_.is_in_mirror(key)) {
      ++report.missing;
      if (static_cast<std::int64_t>(report.differences.size()) < most_listed_)
        report.differences.push_back(
            {.kind = RowDifference::Kind::kMissing, .key = key, .wanted = row});
    } else if (!comparison_.is_unchanged(key)) {
      ++report.different;
      const auto listed = different_.find(key);
      if (listed != different_.end()) report.differences[listed->second].wanted = row;
    }
  });
  return report;
} catch (const store::StoreFailure& failure) {
  return failure.error();
}

}  // namespace weir::outbox
