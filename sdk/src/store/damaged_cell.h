// The words for a value of the wrong kind in the store. Pure, thread-safe.
#pragma once

#include <weir/result.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::store {

// kStoreUnusable. `sql`: the statement that has read it, by which table and column are named.
Error damaged_cell(const std::string& location, std::string_view sql, std::size_t column);

}  // namespace weir::store
