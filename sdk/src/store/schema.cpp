#include "store/schema.h"

#include <string>

#include "store/row_secret.h"
#include "store/schema_steps.h"

namespace weir::store {

std::int64_t schema_version() { return static_cast<std::int64_t>(schema_steps().size()); }

void upgrade_schema(Statements& sql, std::int64_t version) {
  for (const auto step : schema_steps().subspan(static_cast<std::size_t>(version))) {
    for (const std::string_view statement : step) sql.run(statement);
  }
  if (version < kVersionOfRowSecret) draw_row_secret(sql);
}

Error newer_schema(const std::string& store, std::int64_t version) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the store " + store +
                     " was written by a newer version of Weir (its tables are version " +
                     std::to_string(version) + ", this program knows " +
                     std::to_string(schema_version()) +
                     "). Use the newer program; this one changed nothing."};
}

Error older_schema(const std::string& store) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the store " + store +
                     " was written by an older version of Weir, or by none, and is only looked at "
                     "here. Let this version take it up, as weir usage does; nothing was changed."};
}

}  // namespace weir::store
