// The platform's JSON as values: reading the body of a PUT, writing pages and errors. Pure
// functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "data_source_table.h"
#include "data_sources.h"

namespace weir::mock {

struct PutRequest {
  std::string company_id = {};  // clients send a number or text
  std::string integration_key = {};
  Selector selector = {};
  Put content = {};
};

// The body of a PUT, or what is wrong with it.
std::variant<PutRequest, ApiError> read_put(const std::string& body, Cells cells = Cells::kScalars);

// The body of a PUT that changes as this one does, without company and key.
std::string write_put(const PutRequest& request);

// A size or a number of a page as a query has it; otherwise where it is none. What is too large to
// mean anything is a thousand million.
std::int64_t number_of(const std::string& text, std::int64_t otherwise);

struct PageQuery {
  bool return_rows = false;
  bool names_columns = true;  // also without rows
  std::int64_t page_size = 0;
  std::int64_t page_number = 0;
};

// The rows of a page, and how many they are.
std::int64_t rows_of_page(const DataSourceTable& table, const PageQuery& query);
std::string write_page(const DataSourceTable& table, const PageQuery& query,
                       std::int64_t company_id);

std::string write_error(const ApiError& error);

}  // namespace weir::mock
