// What the operating system knows of the store's file, asked without opening it: opening and
// closing a database file by hand would drop the locks that SQLite holds on it in the same process.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <string>

namespace weir::os {

// Creates an empty file that only its owner may read, unless it is there. kStoreUnusable: the
// folder is missing or not writable, the path is a folder, or the file is marked read-only (also
// for root, who could write it all the same).
Result<void> prepare_store_file(const std::string& path);

// The number of this process.
std::int64_t process_id();

}  // namespace weir::os
