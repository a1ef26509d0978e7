// The Data Source API of the platform as requests and answers: PUT and GET of /api/v2/datasource,
// in JSON.
//
// Pure functions between plain values and HttpRequest or HttpResponse; nothing is sent here. The
// wire format and its sources are in docs/platform-facts.md. Used by the delivery and by reading.
// Thread-safe: no state.
#pragma once

#include <weir/result.h>
#include <weir/row.h>
#include <weir/secret.h>
#include <weir/transport.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::api {

struct Credentials {
  std::int64_t company_id = 0;
  Secret integration_key = {};
};

// Cells of a row that are to change.
struct CellsToSet {
  const std::string* key = nullptr;
  // The whole row, in the order of `columns`; without columns, names and values in turn.
  const std::vector<std::string>* cells = nullptr;
  const std::vector<std::string>* columns = nullptr;
};

// The content of one PUT: of what somebody else has, so that thousands of rows are not copied. The
// key sets of the lists must be disjoint: the order inside a call is not documented.
struct PutDataSource {
  std::string external_id = {};
  // Present, even empty: replaces all rows; the other lists must then be empty.
  std::optional<std::vector<const Row*>> rows = {};
  std::vector<const Row*> new_rows = {};
  std::vector<const std::string*> deleted_keys = {};
  std::vector<CellsToSet> cell_updates = {};
};

// One call. Cells must be valid UTF-8 (kInvalidArgument otherwise).
Result<HttpRequest> put_request(const Credentials& credentials, const PutDataSource& content);

struct PageRequest {
  std::string external_id = {};
  std::int64_t page = 0;  // 0-based
  std::int64_t page_rows = 1250;
};

// One call a page.
HttpRequest page_request(const Credentials& credentials, const PageRequest& page);

struct Page {
  std::vector<std::string> columns = {};
  std::vector<Row> rows = {};  // null cells are empty strings
  std::int64_t total_rows = 0;
  std::string last_updated = {};
};

// Reads the answer to a page_request(). The answer is treated as hostile: depth and types are
// checked, kBadResponse.
Result<Page> parse_page(const HttpResponse& response);

}  // namespace weir::api
