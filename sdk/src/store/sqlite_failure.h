// What a failure of SQLite means for a store, and what its owner can do. Pure, thread-safe.
#pragma once

#include <weir/error.h>

#include <string>

namespace weir::store {

ErrorCode sqlite_error_code(int sqlite_code);

// `words`: SQLite's own.
const char* sqlite_advice(int sqlite_code, const std::string& words = {});

}  // namespace weir::store
