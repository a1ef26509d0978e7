// DataSourceTable: the rows of one data source, in display order, and the changes that a PUT makes
// to them.
//
// A change is checked whole before any of it is applied: a refused call changes nothing. Order
// inside a call: cell updates, then upserts, then deletes. Not thread-safe: its owner locks.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "keyed_rows.h"
#include "options.h"
#include "virtual_clock.h"

namespace weir::mock {

struct Header {
  std::string name;
  std::string display_at = "None";
};

struct CellUpdate {
  std::string column;
  std::string value;
};

struct RowUpdate {
  std::string row_id;
  std::vector<CellUpdate> cells;
};

// The content of a PUT; lists that are absent are empty.
struct Put {
  std::optional<std::string> name = {};
  std::optional<std::string> new_external_id = {};
  std::optional<std::vector<Header>> headers = {};
  std::optional<std::vector<Row>> rows = {};
  std::vector<Row> new_rows = {};
  std::vector<std::string> deleted_keys = {};
  std::vector<RowUpdate> updates = {};

  std::int64_t row_count() const;
};

// An answer that is not 200, in the platform's layout.
struct ApiError {
  int status = 400;
  std::string code = "ArgumentException";
  std::string message = {};
};

class DataSourceTable {
 public:
  DataSourceTable(std::string id, std::string external_id, const std::vector<std::string>& columns);

  // Empty when the put was applied.
  std::optional<ApiError> apply(const Put& put, UnknownDelete unknown_delete, Instant now);

  const std::string& id() const { return id_; }
  const std::string& external_id() const { return external_id_; }
  const std::string& name() const { return name_; }
  const std::vector<Header>& headers() const { return headers_; }
  const std::list<Row>& rows() const { return rows_.rows(); }
  Instant last_updated() const { return last_updated_; }

 private:
  std::optional<ApiError> check(const Put& put, UnknownDelete unknown_delete) const;
  std::optional<ApiError> check_keys(const Put& put, UnknownDelete unknown_delete) const;
  void replace_headers(const std::vector<Header>& headers);
  void update_cells(const std::vector<RowUpdate>& updates);

  std::string id_;
  std::string external_id_;
  std::string name_;
  std::vector<Header> headers_;
  KeyedRows rows_;
  Instant last_updated_ = {};
};

}  // namespace weir::mock
