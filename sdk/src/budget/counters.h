// Numbers by name that the budget keeps in the store. Work within a transaction.
#pragma once

#include <cstdint>
#include <string>

#include "store/database.h"

namespace weir::budget {

// 0 when it was never set.
std::int64_t counter(store::Statements& sql, const std::string& name);

void set_counter(store::Statements& sql, const std::string& name, std::int64_t value);

}  // namespace weir::budget
