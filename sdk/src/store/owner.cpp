#include "store/owner.h"

#include "store/store.h"

namespace weir::store {

Result<void> claim_for(Database& database, std::int64_t company_id, const std::string& location) {
  const std::string company = std::to_string(company_id);
  return database.write([&](Statements& sql) -> Result<void> {
    sql.run("INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            {std::string("company_id"), company});
    const std::string owner =
        sql.run("SELECT value FROM facts WHERE name = $1", {std::string("company_id")})
            .at(0)
            .text(0);
    if (owner == company) return {};
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the store " + shown_location(location) + " belongs to company " +
                            owner + ", not to " + company +
                            ". Each organization needs a store of its own."};
  });
}

}  // namespace weir::store
