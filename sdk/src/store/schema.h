// The tables of the store, as the steps that lead to them, and the number of their version.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "store/database.h"

namespace weir::store {

// Marks an SQLite file as a store of Weir ("Weir" in ASCII).
inline constexpr std::int64_t kApplicationId = 0x57656972;

// Rises with every change of the tables; a store with a higher number is refused.
std::int64_t schema_version();

// Brings the tables from `version` (0: an empty database) to schema_version(). To be called in one
// transaction that also keeps the new number.
void upgrade_schema(Statements& sql, std::int64_t version);

// "… was written by a newer version of Weir": what to say of a store with a higher number.
Error newer_schema(const std::string& store, std::int64_t version);

// The same of one that is only looked at and has older tables, or none.
Error older_schema(const std::string& store);

}  // namespace weir::store
