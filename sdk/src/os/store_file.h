// What the operating system knows of the store's file, asked without opening it: opening and
// closing a database file by hand would drop the locks that SQLite holds on it in the same process.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <string>

namespace weir::os {

// Creates an empty file that only its owner may read, unless it is there. kStoreUnusable: the
// folder is missing or not writable, the path is a folder, the file is marked read-only (also for
// root, who could write it all the same), or the folder is on a network file system, whose locks do
// not hold.
Result<void> prepare_store_file(const std::string& path);

// Whether a file system of this type, as statfs() numbers them, is shared over a network.
bool is_network_file_system(std::uint32_t type);

}  // namespace weir::os
