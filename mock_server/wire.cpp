#include "wire.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace weir::mock {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kDeepest = 16;

// What is wrong with a body, in the platform's words.
class BadBody : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

json parse(const std::string& body) {
  const auto shallow = [](int depth, json::parse_event_t, json&) {
    if (depth > kDeepest) throw BadBody("The request is nested too deeply");
    return true;
  };
  try {
    return json::parse(body, shallow);
  } catch (const json::exception&) {
    throw BadBody("The request is not valid JSON");
  }
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text(const json& value, const std::string& what) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "";
  throw BadBody(what + " must be text");
}

// A cell, key or RowId. Many clients write a number where a number is meant.
std::string cell(const json& value, const std::string& what, Cells cells) {
  const bool is_scalar = value.is_number() || value.is_boolean();
  return is_scalar && cells == Cells::kScalars ? value.dump() : text(value, what);
}

std::optional<std::string> optional_text(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) return value->dump();
  return text(*value, name);
}

const json& list(const json& value, const std::string& what) {
  if (!value.is_array()) throw BadBody(what + " must be a list");
  return value;
}

std::vector<Row> read_rows(const json& value, const char* what, Cells kind) {
  std::vector<Row> rows;
  for (const json& cells : list(value, what)) {
    Row row;
    for (const json& one : list(cells, std::string("A row of ") + what))
      row.push_back(cell(one, "A value of a row", kind));
    if (row.size() < 2)
      throw BadBody(std::string("A row of ") + what + " needs at least two values");
    rows.push_back(std::move(row));
  }
  return rows;
}

// Clients send [["key"]], which is documented, and a flat ["key"].
std::vector<std::string> read_keys(const json& value, Cells kind) {
  std::vector<std::string> keys;
  for (const json& item : list(value, "DeletedRows")) {
    if (item.is_array() && item.size() == 1) {
      keys.push_back(cell(item.front(), "A key of DeletedRows", kind));
    } else if (item.is_primitive() && !item.is_null()) {
      keys.push_back(cell(item, "A key of DeletedRows", kind));
    } else {
      throw BadBody("An item of DeletedRows must be a row with one value, the key");
    }
  }
  return keys;
}

std::vector<Header> read_headers(const json& value) {
  std::vector<Header> headers;
  for (const json& item : list(value, "Headers")) {
    const json* name = item.is_object() ? member(item, "Name") : nullptr;
    if (name == nullptr) throw BadBody("A header needs a Name");
    headers.push_back({.name = text(*name, "Name"),
                       .display_at = optional_text(item, "DisplayAt").value_or("None")});
  }
  return headers;
}

std::vector<RowUpdate> read_updates(const json& value, Cells kind) {
  std::vector<RowUpdate> updates;
  for (const json& item : list(value, "RowColumnUpdates")) {
    const json* row_id = item.is_object() ? member(item, "RowId") : nullptr;
    const json* cells = item.is_object() ? member(item, "ColumnUpdates") : nullptr;
    if (row_id == nullptr || cells == nullptr)
      throw BadBody("An item of RowColumnUpdates needs RowId and ColumnUpdates");
    RowUpdate update{.row_id = cell(*row_id, "RowId", kind), .cells = {}};
    for (const json& one : list(*cells, "ColumnUpdates")) {
      const json* column = one.is_object() ? member(one, "Column") : nullptr;
      if (column == nullptr) throw BadBody("An item of ColumnUpdates needs a Column");
      const json* written = member(one, "Value");
      update.cells.push_back({.column = text(*column, "Column"),
                              .value = written == nullptr ? "" : cell(*written, "Value", kind)});
    }
    updates.push_back(std::move(update));
  }
  return updates;
}

PutRequest read(const json& body, Cells cells) {
  if (!body.is_object()) throw BadBody("The request must be a JSON object");
  PutRequest request;
  request.company_id = optional_text(body, "CompanyId").value_or("");
  request.integration_key = optional_text(body, "IntegrationKey").value_or("");
  request.selector.id = optional_text(body, "Id").value_or("");
  request.selector.external_id = optional_text(body, "ExternalId").value_or("");
  const bool both = !request.selector.id.empty() && !request.selector.external_id.empty();
  if (both) request.content.new_external_id = request.selector.external_id;
  request.content.name = optional_text(body, "Name");
  if (const json* value = member(body, "Headers")) request.content.headers = read_headers(*value);
  if (const json* value = member(body, "Rows"))
    request.content.rows = read_rows(*value, "Rows", cells);
  if (const json* value = member(body, "NewRows"))
    request.content.new_rows = read_rows(*value, "NewRows", cells);
  if (const json* value = member(body, "DeletedRows"))
    request.content.deleted_keys = read_keys(*value, cells);
  if (const json* value = member(body, "RowColumnUpdates"))
    request.content.updates = read_updates(*value, cells);
  return request;
}

ordered_json headers_of(const std::vector<Header>& headers) {
  ordered_json list = ordered_json::array();
  for (const Header& header : headers)
    list.push_back({{"Name", header.name}, {"DisplayAt", header.display_at}});
  return list;
}

ordered_json updates_of(const std::vector<RowUpdate>& updates) {
  ordered_json list = ordered_json::array();
  for (const RowUpdate& update : updates) {
    ordered_json cells = ordered_json::array();
    for (const CellUpdate& cell : update.cells)
      cells.push_back({{"Column", cell.column}, {"Value", cell.value}});
    list.push_back({{"RowId", update.row_id}, {"ColumnUpdates", std::move(cells)}});
  }
  return list;
}

std::int64_t first_row(const PageQuery& query, std::int64_t total) {
  return std::min(query.page_number * query.page_size, total);
}

ordered_json cells_of(const Row& row) {
  ordered_json cells = ordered_json::array();
  // The platform returns an empty cell as null.
  for (const std::string& cell : row)
    cells.push_back(cell.empty() ? ordered_json() : ordered_json(cell));
  return cells;
}

}  // namespace

std::variant<PutRequest, ApiError> read_put(const std::string& body, Cells cells) try {
  return read(parse(body), cells);
} catch (const BadBody& problem) {
  return ApiError{.status = 400, .code = "ArgumentException", .message = problem.what()};
}

std::string write_put(const PutRequest& request) {
  const Put& content = request.content;
  ordered_json body = {{"Id", request.selector.id}, {"ExternalId", request.selector.external_id}};
  if (content.name) body["Name"] = *content.name;
  if (content.headers) body["Headers"] = headers_of(*content.headers);
  if (content.rows) body["Rows"] = *content.rows;
  body["NewRows"] = content.new_rows;
  body["DeletedRows"] = content.deleted_keys;
  body["RowColumnUpdates"] = updates_of(content.updates);
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::int64_t rows_of_page(const DataSourceTable& table, const PageQuery& query) {
  if (!query.return_rows) return 0;
  const auto total = static_cast<std::int64_t>(table.rows().size());
  return std::min(query.page_size, total - first_row(query, total));
}

std::string write_page(const DataSourceTable& table, const PageQuery& query,
                       std::int64_t company_id) {
  ordered_json source = {{"Id", table.id()},
                         {"Name", table.name()},
                         {"ExternalId", table.external_id()},
                         {"TotalRows", table.rows().size()},
                         {"LastUpdated", format_instant(table.last_updated())},
                         {"CompanyId", company_id}};
  if (query.return_rows || query.names_columns) source["Headers"] = headers_of(table.headers());
  if (query.return_rows) {
    const auto total = static_cast<std::int64_t>(table.rows().size());
    ordered_json rows = ordered_json::array();
    auto row = std::next(table.rows().begin(), first_row(query, total));
    const std::int64_t count = rows_of_page(table, query);
    for (std::int64_t i = 0; i < count; ++i) rows.push_back(cells_of(*row++));
    source["Rows"] = std::move(rows);
  }
  return ordered_json({{"DataSource", std::move(source)}})
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::int64_t number_of(const std::string& text, std::int64_t otherwise) {
  constexpr std::int64_t kMost = 1'000'000'000;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return otherwise;
  return text.size() < 10 ? std::stoll(text) : kMost;
}

std::string write_error(const ApiError& error) {
  return ordered_json({{"ResponseStatus",
                        {{"ErrorCode", error.code},
                         {"Message", error.message},
                         {"Errors", ordered_json::array()}}}})
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace weir::mock
