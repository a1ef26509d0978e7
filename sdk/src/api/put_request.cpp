// The PUT of a data source as JSON.
#include <utility>

#include "api/data_source_api.h"
#include "api/json.h"

namespace weir::api {
namespace {

using nlohmann::json;

json keys_as_rows(const std::vector<std::string>& keys) {
  json rows = json::array();
  for (const std::string& key : keys) rows.push_back(json::array({key}));
  return rows;
}

json cell_updates(const std::vector<SetCells>& updates) {
  json list = json::array();
  for (const SetCells& update : updates) {
    json cells = json::array();
    for (const CellUpdate& cell : update.cells)
      cells.push_back({{"Column", cell.column}, {"Value", cell.value}});
    list.push_back({{"RowId", update.key}, {"ColumnUpdates", std::move(cells)}});
  }
  return list;
}

// Never Headers, which would remove every column they leave out, and never Id, which would rewrite
// the ExternalId.
json body_of(const Credentials& credentials, const PutDataSource& content) {
  json body = {{"CompanyId", credentials.company_id},
               {"IntegrationKey", std::string(credentials.integration_key.reveal())},
               {"ExternalId", content.external_id}};
  if (content.rows) body["Rows"] = *content.rows;
  if (!content.new_rows.empty()) body["NewRows"] = content.new_rows;
  if (!content.deleted_keys.empty()) body["DeletedRows"] = keys_as_rows(content.deleted_keys);
  if (!content.cell_updates.empty()) body["RowColumnUpdates"] = cell_updates(content.cell_updates);
  return body;
}

std::size_t rows_in(const PutDataSource& content) {
  return (content.rows ? content.rows->size() : 0) + content.new_rows.size() +
         content.deleted_keys.size() + content.cell_updates.size();
}

}  // namespace

Result<HttpRequest> put_request(const Credentials& credentials, const PutDataSource& content) try {
  HttpRequest request;
  request.method = "PUT";
  request.path = "/api/v2/datasource";
  request.query = {{"format", "json"}};
  request.body = body_of(credentials, content).dump();
  request.target = content.external_id;
  request.rows = static_cast<std::int64_t>(rows_in(content));
  return request;
} catch (const nlohmann::json::exception&) {
  // The library's own message would quote the text, which may hold the key.
  return Error{
      .code = ErrorCode::kInvalidArgument,
      .message = "a cell for data source " + content.external_id + " is not valid UTF-8 text"};
}

}  // namespace weir::api
