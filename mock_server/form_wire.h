// Form entries as JSON: what the search answers, what the form connector sends, and what the
// control endpoint takes. Pure functions, thread-safe.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "data_source_table.h"
#include "form_entries.h"

namespace weir::mock {

// What is wrong with the body of POST /_mock/form-entries.
class BadFormEntry : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The query of GET /api/v2/formentry/search, or what is wrong with it. `parameter` gives a
// parameter's value by name, empty when there is none.
std::variant<FormQuery, ApiError> read_form_query(
    const std::function<std::string(const std::string&)>& parameter);

std::string write_form_page(const FormPage& page, const FormQuery& query, std::int64_t company_id);

// The default JSON of the REST form connector.
std::string write_connector_delivery(const FormEntry& entry, const std::string& integration_key,
                                     std::int64_t company_id);

// {"form",…} or {"entries":[{"form",…},…]}; times are absent or ISO 8601. Throws BadFormEntry.
std::vector<FormEntry> read_form_entries(const std::string& body, Instant now);

}  // namespace weir::mock
