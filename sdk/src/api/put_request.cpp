// The PUT of a data source as JSON, written as it is counted: a batch of thousands of rows is never
// held as a document.
#include <algorithm>
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
  void rows(const std::vector<const Row*>& rows) {
    list(rows, [this](const Row* cells) { row(*cells); });
  }

  bool is_valid() const { return is_valid_; }
  std::string take() { return std::move(json_); }

 private:
  std::string json_;
  bool is_valid_ = true;
};

// The name and value of each cell in turn.
template <class Take>
void for_each_cell(const CellsToSet& update, const Take& take) {
  const std::vector<std::string>& cells = *update.cells;
  if (update.columns == nullptr) {
    for (std::size_t i = 0; i + 1 < cells.size(); i += 2) take(cells[i], cells[i + 1]);
    return;
  }
  // The first is the key.
  const std::size_t count = std::min(update.columns->size(), cells.size());
  for (std::size_t i = 1; i < count; ++i) take((*update.columns)[i], cells[i]);
}

void write_cell_update(Body& body, const CellsToSet& update) {
  body.raw("{\"RowId\":");
  body.text(*update.key);
  body.raw(",\"ColumnUpdates\":");
  char before = '[';
  for_each_cell(update, [&](const std::string& column, const std::string& value) {
    body.raw({&before, 1});
    body.raw("{\"Column\":");
    body.text(column);
    body.raw(",\"Value\":");
    body.text(value);
    body.raw("}");
    before = ',';
  });
  body.raw(before == '[' ? "[]}" : "]}");
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
    body.list(content.deleted_keys, [&](const std::string* key) {
      body.raw("[");
      body.text(*key);
      body.raw("]");
    });
  }
  if (!content.cell_updates.empty()) {
    body.raw(",\"RowColumnUpdates\":");
    body.list(content.cell_updates,
              [&](const CellsToSet& update) { write_cell_update(body, update); });
  }
  body.raw("}");
}

// Close enough that the string does not grow: that would take twice its memory.
std::size_t bytes_in(const std::vector<const Row*>& rows) {
  std::size_t bytes = 0;
  for (const Row* row : rows) {
    bytes += 3;
    for (const std::string& cell : *row) bytes += text::json_string_bytes(cell) + 1;
  }
  return bytes;
}

std::size_t bytes_in(const PutDataSource& content) {
  constexpr std::size_t kAround = 64;
  std::size_t bytes = 1024 + bytes_in(content.new_rows);
  if (content.rows) bytes += bytes_in(*content.rows);
  for (const std::string* key : content.deleted_keys) bytes += text::json_string_bytes(*key) + 3;
  for (const CellsToSet& update : content.cell_updates) {
    bytes += kAround + text::json_string_bytes(*update.key);
    for_each_cell(update, [&](const std::string& column, const std::string& value) {
      bytes += kAround / 2 + text::json_string_bytes(column) + text::json_string_bytes(value);
    });
  }
  return bytes;
}

std::size_t rows_in(const PutDataSource& content) {
  return (content.rows ? content.rows->size() : 0) + content.new_rows.size() +
         content.deleted_keys.size() + content.cell_updates.size();
}

}  // namespace

Result<HttpRequest> put_request(const Credentials& credentials, const PutDataSource& content) {
  Body body(bytes_in(content));
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
