// The GET of a data source's rows, page by page.
#include <utility>

#include "api/data_source_api.h"
#include "api/json.h"

namespace weir::api {
namespace {

using nlohmann::json;

Error malformed(const std::string& what) {
  return {.code = ErrorCode::kBadResponse,
          .message = "the platform's answer cannot be read: " + what,
          .may_have_been_sent = true};
}

// An empty cell comes back as null.
Result<Row> row_of(const json& cells) {
  if (!cells.is_array()) return malformed("a row is not a list");
  Row row;
  for (const json& cell : cells) {
    if (!cell.is_string() && !cell.is_null()) return malformed("a cell is not text");
    row.push_back(cell.is_null() ? std::string() : cell.get<std::string>());
  }
  return row;
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<void> read_columns(const json& source, Page& page) {
  const json* headers = member(source, "Headers");
  if (headers == nullptr) return {};
  if (!headers->is_array()) return malformed("Headers is not a list");
  for (const json& header : *headers) {
    const json* name = header.is_object() ? member(header, "Name") : nullptr;
    if (name == nullptr || !name->is_string()) return malformed("a header has no name");
    page.columns.push_back(name->get<std::string>());
  }
  return {};
}

Result<void> read_rows(const json& source, Page& page) {
  const json* rows = member(source, "Rows");
  if (rows == nullptr) return {};
  if (!rows->is_array()) return malformed("Rows is not a list");
  for (const json& cells : *rows) {
    Result<Row> row = row_of(cells);
    if (!row) return row.error();
    if (row->empty() || row->size() != page.columns.size())
      return malformed("a row does not fit the columns");
    page.rows.push_back(std::move(*row));
  }
  return {};
}

Result<void> read_totals(const json& source, Page& page) {
  const json* total = member(source, "TotalRows");
  if (total == nullptr || !total->is_number_integer() || *total < 0)
    return malformed("TotalRows is not a number");
  page.total_rows = total->get<std::int64_t>();
  const json* updated = member(source, "LastUpdated");
  if (updated != nullptr && updated->is_string()) page.last_updated = updated->get<std::string>();
  return {};
}

}  // namespace

HttpRequest page_request(const Credentials& credentials, const PageRequest& page) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/v2/datasource";
  request.query = {{"CompanyId", std::to_string(credentials.company_id)},
                   {"IntegrationKey", std::string(credentials.integration_key.reveal())},
                   {"ExternalId", page.external_id},
                   {"ReturnRows", "true"},
                   {"PageSize", std::to_string(page.page_rows)},
                   {"PageNo", std::to_string(page.page)},
                   {"format", "json"}};
  request.target = page.external_id;
  return request;
}

Result<Page> parse_page(const HttpResponse& response) {
  const std::optional<json> body = parse_json(response.body);
  if (!body || !body->is_object()) return malformed("it is not a JSON object");
  const json* source = member(*body, "DataSource");
  if (source == nullptr || !source->is_object()) return malformed("it has no DataSource");
  Page page;
  for (const auto read : {read_columns, read_rows, read_totals}) {
    if (Result<void> done = read(*source, page); !done) return done.error();
  }
  return page;
}

}  // namespace weir::api
