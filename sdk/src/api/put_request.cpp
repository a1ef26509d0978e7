// The PUT of a data source as JSON, written as it is counted: a batch of thousands of rows is never
// held as a document.
#include <utility>

#include "api/data_source_api.h"
#include "text/json_string.h"

namespace weir::api {
namespace {

// Writes the body; after the first text that is not valid UTF-8 it only remembers that.
class Body {
 public:
  explicit Body(std::size_t expected_bytes) { json_.reserve(expected_bytes); }

  void raw(std::string_view text) { json_ += text; }
  void text(std::string_view text) {
    is_valid_ = text::append_json_string(json_, text) && is_valid_;
  }

  // Items with commas in between, in brackets.
  template <class Items, class Write>
  void list(const Items& items, Write&& write) {
    char before = '[';
    for (const auto& item : items) {
      json_ += before;
      write(item);
      before = ',';
    }
    if (before == '[') json_ += before;
    json_ += ']';
  }
  void row(const Row& row) {
    list(row, [this](const std::string& cell) { text(cell); });
  }
  void rows(const std::vector<Row>& rows) {
    list(rows, [this](const Row& cells) { row(cells); });
  }

  bool is_valid() const { return is_valid_; }
  std::string take() { return std::move(json_); }

 private:
  std::string json_;
  bool is_valid_ = true;
};

void write_cell_update(Body& body, const SetCells& update) {
  body.raw("{\"RowId\":");
  body.text(update.key);
  body.raw(",\"ColumnUpdates\":");
  body.list(update.cells, [&](const CellUpdate& cell) {
    body.raw("{\"Column\":");
    body.text(cell.column);
    body.raw(",\"Value\":");
    body.text(cell.value);
    body.raw("}");
  });
  body.raw("}");
}

// Never Headers, which would remove every column they leave out, and never Id, which would rewrite
// the ExternalId.
void write(Body& body, const Credentials& credentials, const PutDataSource& content) {
  body.raw("{\"CompanyId\":" + std::to_string(credentials.company_id) + ",\"IntegrationKey\":");
  body.text(credentials.integration_key.reveal());
  body.raw(",\"ExternalId\":");
  body.text(content.external_id);
  if (content.rows) {
    body.raw(",\"Rows\":");
    body.rows(*content.rows);
  }
  if (!content.new_rows.empty()) {
    body.raw(",\"NewRows\":");
    body.rows(content.new_rows);
  }
  if (!content.deleted_keys.empty()) {
    body.raw(",\"DeletedRows\":");
    body.list(content.deleted_keys, [&](const std::string& key) { body.row({key}); });
  }
  if (!content.cell_updates.empty()) {
    body.raw(",\"RowColumnUpdates\":");
    body.list(content.cell_updates,
              [&](const SetCells& update) { write_cell_update(body, update); });
  }
  body.raw("}");
}

// Close enough that the string rarely grows.
std::size_t bytes_in(const std::vector<Row>& rows) {
  std::size_t bytes = 0;
  for (const Row& row : rows) {
    for (const std::string& cell : row) bytes += cell.size() + 4;
  }
  return bytes;
}

std::size_t rows_in(const PutDataSource& content) {
  return (content.rows ? content.rows->size() : 0) + content.new_rows.size() +
         content.deleted_keys.size() + content.cell_updates.size();
}

}  // namespace

Result<HttpRequest> put_request(const Credentials& credentials, const PutDataSource& content) {
  Body body(1024 + bytes_in(content.new_rows) + (content.rows ? bytes_in(*content.rows) : 0));
  write(body, credentials, content);
  if (!body.is_valid()) {
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = "a cell for data source " + content.external_id + " is not valid UTF-8 text"};
  }
  HttpRequest request;
  request.method = "PUT";
  request.path = "/api/v2/datasource";
  request.query = {{"format", "json"}};
  request.body = body.take();
  request.target = content.external_id;
  request.rows = static_cast<std::int64_t>(rows_in(content));
  return request;
}

}  // namespace weir::api
