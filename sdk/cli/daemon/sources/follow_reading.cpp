#include "daemon/sources/follow_reading.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/sources/file_rows.h"
#include "input/input_error.h"

namespace weir::daemon {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// As databases and their drivers write them; empty: neither.
std::optional<bool> truth_of(const std::string& cell) {
  constexpr std::array<std::string_view, 5> kTrue = {"t", "true", "1", "y", "yes"};
  constexpr std::array<std::string_view, 6> kFalse = {"", "f", "false", "0", "n", "no"};
  const std::string word = lower(cell);
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) return false;
  return std::nullopt;
}

// Whether the column had to be added to those of the data source.
bool add_column(std::vector<cli::SourceColumn>& columns, const std::string& name) {
  const bool is_there =
      std::any_of(columns.begin(), columns.end(),
                  [&](const cli::SourceColumn& column) { return column.from == name; });
  // A name of its own, since the data source may give another column this one.
  if (!is_there) columns.push_back({.name = "followed by " + name, .from = name});
  return !is_there;
}

}  // namespace

FollowReading::FollowReading(std::string address, const SourceConfig& config,
                             const QueryOrigin& query, Follow follow)
    : address_(std::move(address)),
      query_(query.query),
      follow_(std::move(follow)),
      options_(reader_options(config, {})) {
  options_.longest_query = query.timeout;
  if (options_.columns.empty()) return;
  has_version_of_its_own_ = add_column(options_.columns, follow_.column);
  if (follow_.deleted) has_deleted_of_its_own_ = add_column(options_.columns, *follow_.deleted);
}

Result<void> FollowReading::read(const std::optional<std::string>& since, TimePoint now,
                                 const std::stop_token& stop, const cli::ColumnsSink& columns,
                                 const FollowedRowSink& sink) {
  newest_.reset();
  without_version_ = 0;
  ahead_ = 0;
  options_.stop = stop;
  options_.since = cli::SinceVersion{.column = follow_.column, .version = since};
  return cli::read_query(
      address_, query_, options_,
      [&](const std::vector<std::string>& found) -> Result<void> {
        if (Result<void> noted = note_columns(found); !noted) return noted;
        return columns({found.begin(), found.begin() + static_cast<std::ptrdiff_t>(cells_)});
      },
      [&](const Row& row) { return take(row, now, sink); });
}

Result<void> FollowReading::note_columns(const std::vector<std::string>& columns) {
  cells_ = columns.size() - (has_version_of_its_own_ ? 1 : 0) - (has_deleted_of_its_own_ ? 1 : 0);
  // The name that the data source has for a column of the query.
  const auto place = [&](const std::string& from) -> std::optional<std::size_t> {
    std::string name = from;
    for (const cli::SourceColumn& column : options_.columns) {
      if (column.from == from) name = column.name;
    }
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
  };
  const std::optional<std::size_t> version = place(follow_.column);
  if (!version)
    return cli::input_error(
        "the query", "there is no column '" + follow_.column + "', by which it is to be followed");
  version_at_ = *version;
  deleted_at_ = follow_.deleted ? place(*follow_.deleted) : std::nullopt;
  if (follow_.deleted && !deleted_at_)
    return cli::input_error("the query", "there is no column '" + *follow_.deleted +
                                             "' that says which rows are deleted");
  return {};
}

Result<void> FollowReading::take(const Row& row, TimePoint now, const FollowedRowSink& sink) {
  std::optional<RowVersion> version = RowVersion::parse(row[version_at_]);
  if (!version && !row[version_at_].empty())
    return cli::input_error("the query", "column '" + follow_.column + "' of the row with key " +
                                             foreign_words(row.front()) +
                                             " is neither a moment nor a number");
  if (!version) {
    if (without_version_++ == 0) example_without_ = row.front();
  } else if (version->is_after(now + follow_.overlap)) {
    // What changes before that moment would be passed over.
    if (version->is_certainly_after(now + follow_.overlap) && ahead_++ == 0)
      example_ahead_ = row.front();
  } else if (!newest_ || version->is_later_than(*newest_)) {
    newest_ = version;
  }
  const Result<bool> deleted = is_deleted(row);
  if (!deleted) return deleted.error();
  if (cells_ == row.size()) return sink({.cells = row, .is_deleted = *deleted, .version = version});
  row_.assign(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(cells_));
  return sink({.cells = row_, .is_deleted = *deleted, .version = version});
}

Result<bool> FollowReading::is_deleted(const Row& row) const {
  if (!deleted_at_) return false;
  if (const std::optional<bool> is = truth_of(row[*deleted_at_])) return *is;
  return cli::input_error("the query", "column '" + *follow_.deleted + "' of the row with key " +
                                           foreign_words(row.front()) +
                                           " is neither true nor false; where it is the moment of "
                                           "the deletion, write (NAME IS NOT NULL) AS deleted");
}

}  // namespace weir::daemon
