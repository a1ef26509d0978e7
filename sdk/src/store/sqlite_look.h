// A look at a file before it is used as a store: another program's file is left alone, and nothing
// is made beside it.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::store {

// The path as SQLite is to have it: a relative name may mean something else to it (":memory:" is no
// file, "file:x" a URI).
std::string sqlite_path_of(const std::string& location);

// Whether SQLite's words tell that a statement of ours does not fit the tables: one of them is
// missing, or is there where it should not be.
bool is_about_tables(const std::string& words);

Error others_database(const std::string& location);

// kStoreUnusable: the file is another program's, or no database. What else is wrong is told when it
// is used. It is read by SQLite, which keeps the locks that this process has on it.
Result<void> look_first(const std::string& location);

}  // namespace weir::store
