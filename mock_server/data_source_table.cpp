#include "data_source_table.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace weir::mock {
namespace {

// The documented limits per call and per data source.
constexpr std::size_t kMostRows = 10'000;
constexpr std::size_t kMostNewRows = 1'500;
constexpr std::size_t kMostDeletedRows = 500;
constexpr std::size_t kMostUpdatedRows = 1'500;
constexpr std::size_t kMostRowsInAll = 50'000;

ApiError argument(std::string message) {
  return {.status = 400, .code = "ArgumentException", .message = std::move(message)};
}

// What the platform answers when a row that the call names is not there.
ApiError no_rows_found() {
  return {.status = 400, .code = "Predicate", .message = "No Rows Found"};
}

std::optional<ApiError> over_limit(const char* list, std::size_t count, std::size_t most) {
  if (count <= most) return std::nullopt;
  return argument(std::string(list) + " has " + std::to_string(count) + " rows; at most " +
                  std::to_string(most) + " are allowed in one call");
}

std::optional<ApiError> check_cells(const char* list, const std::vector<Row>& rows,
                                    std::size_t columns) {
  for (const Row& row : rows) {
    if (row.size() != columns) {
      return argument(std::string(list) + ": a row has " + std::to_string(row.size()) +
                      " values, but the data source has " + std::to_string(columns) + " columns");
    }
    if (row.front().empty()) return argument(std::string(list) + ": a row has an empty key");
  }
  return std::nullopt;
}

std::size_t position_of(const std::vector<Header>& headers, const std::string& name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const Header& header) { return header.name == name; });
  return static_cast<std::size_t>(found - headers.begin());
}

}  // namespace

std::int64_t Put::row_count() const {
  // Rows replaces everything; the other lists are ignored beside it.
  if (rows) return static_cast<std::int64_t>(rows->size());
  return static_cast<std::int64_t>(new_rows.size() + deleted_keys.size() + updates.size());
}

DataSourceTable::DataSourceTable(std::string id, std::string external_id,
                                 const std::vector<std::string>& columns)
    : id_(std::move(id)), external_id_(std::move(external_id)), name_(external_id_) {
  for (const std::string& column : columns) headers_.push_back({.name = column});
}

std::optional<ApiError> DataSourceTable::apply(const Put& put, UnknownDelete unknown_delete,
                                               Instant now) {
  if (auto error = check(put, unknown_delete)) return error;
  if (put.name) name_ = *put.name;
  if (put.new_external_id) external_id_ = *put.new_external_id;
  if (put.headers) replace_headers(*put.headers);
  if (put.rows) {
    rows_.replace(*put.rows);
  } else {
    update_cells(put.updates);
    for (const Row& row : put.new_rows) rows_.upsert(row);
    for (const std::string& key : put.deleted_keys) rows_.erase(key);
  }
  last_updated_ = now;
  return std::nullopt;
}

std::optional<ApiError> DataSourceTable::check(const Put& put, UnknownDelete unknown_delete) const {
  const std::size_t columns = put.headers ? put.headers->size() : headers_.size();
  if (columns < 2) return argument("Headers must name at least two columns");
  if (put.rows) {
    if (auto error = over_limit("Rows", put.rows->size(), kMostRows)) return error;
    return check_cells("Rows", *put.rows, columns);
  }
  if (auto error = over_limit("NewRows", put.new_rows.size(), kMostNewRows)) return error;
  if (auto error = over_limit("DeletedRows", put.deleted_keys.size(), kMostDeletedRows))
    return error;
  if (auto error = over_limit("RowColumnUpdates", put.updates.size(), kMostUpdatedRows))
    return error;
  if (auto error = check_cells("NewRows", put.new_rows, columns)) return error;
  return check_keys(put, unknown_delete);
}

std::optional<ApiError> DataSourceTable::check_keys(const Put& put,
                                                    UnknownDelete unknown_delete) const {
  const std::vector<Header>& headers = put.headers ? *put.headers : headers_;
  for (const RowUpdate& update : put.updates) {
    if (!rows_.contains(update.row_id)) return no_rows_found();
    for (const CellUpdate& cell : update.cells) {
      if (position_of(headers, cell.column) == headers.size()) {
        return argument("RowColumnUpdates: there is no column '" + cell.column + "'");
      }
    }
  }
  std::unordered_set<std::string> new_keys;
  for (const Row& row : put.new_rows) new_keys.insert(row.front());
  std::size_t count = rows_.rows().size();
  for (const std::string& key : new_keys) count += rows_.contains(key) ? 0U : 1U;
  std::unordered_set<std::string> deleted;
  for (const std::string& key : put.deleted_keys) {
    const bool is_there = rows_.contains(key) || new_keys.contains(key);
    if (!is_there && unknown_delete == UnknownDelete::kRefuse) return no_rows_found();
    if (is_there && deleted.insert(key).second) --count;
  }
  if (count > kMostRowsInAll)
    return argument("A data source holds at most " + std::to_string(kMostRowsInAll) + " rows");
  return std::nullopt;
}

// A column that the new list leaves out goes with its cells; a new one begins empty.
void DataSourceTable::replace_headers(const std::vector<Header>& headers) {
  rows_.rewrite([&](const Row& row) {
    Row moved;
    for (const Header& header : headers) {
      const std::size_t old = position_of(headers_, header.name);
      moved.push_back(old < row.size() ? row[old] : std::string());
    }
    return moved;
  });
  headers_ = headers;
}

void DataSourceTable::update_cells(const std::vector<RowUpdate>& updates) {
  for (const RowUpdate& update : updates) {
    Row& row = rows_.at(update.row_id);
    for (const CellUpdate& cell : update.cells)
      row[position_of(headers_, cell.column)] = cell.value;
  }
}

}  // namespace weir::mock
