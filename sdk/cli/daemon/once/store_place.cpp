#include "daemon/once/store_place.h"

#include <filesystem>

#include "input/row_sources.h"

namespace weir::daemon {
namespace {

bool is_database(const std::string& location) { return location.find("://") != std::string::npos; }

// Asked in a transaction that may only read.
Result<bool> has_tables(const std::string& address) {
  bool has_facts = false;
  // A query of rows has a key first.
  const Result<void> read = cli::read_query(
      address,
      "SELECT 'facts' AS name, CASE WHEN to_regclass('facts') IS NULL THEN 'no' ELSE 'yes' END AS "
      "is_there",
      {}, [](const std::vector<std::string>&) -> Result<void> { return {}; },
      [&](const Row& row) -> Result<void> {
        has_facts = row.back() == "yes";
        return {};
      });
  if (!read)
    return Error{.code = ErrorCode::kStoreUnreachable,
                 .message = "the store: " + read.error().message};
  return has_facts;
}

}  // namespace

Result<bool> store_is_there(const std::string& location) {
  if (is_database(location)) return has_tables(location);
  std::error_code unknown;
  const auto size = std::filesystem::file_size(location, unknown);
  return !unknown && size > 0;
}

}  // namespace weir::daemon
