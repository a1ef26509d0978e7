#include "store/sqlite_failure.h"

#include <sqlite3.h>

#include "store/sqlite_look.h"

namespace weir::store {
namespace {

constexpr const char* kDamaged =
    "it is damaged; keep a copy, start with another path and publish the rows again";

}  // namespace

ErrorCode sqlite_error_code(int sqlite_code) {
  switch (sqlite_code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kStoreBusy;
    case SQLITE_FULL:
      return ErrorCode::kStoreFull;
    case SQLITE_IOERR:
      return ErrorCode::kStoreIo;
    default:
      return ErrorCode::kStoreUnusable;
  }
}

const char* sqlite_advice(int sqlite_code, const std::string& words) {
  if (sqlite_code == SQLITE_ERROR && is_about_tables(words)) return kDamaged;
  switch (sqlite_code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program holds its lock; end that program, or try again later";
    case SQLITE_FULL:
      return "the disk is full, or a limit to the size of files is reached; free some space or "
             "raise the limit and try again, nothing that was kept is lost";
    case SQLITE_READONLY_DBMOVED:
      return "its file was deleted, moved or replaced while this program had it open; restart the "
             "program";
    case SQLITE_READONLY:
      return "it is read-only; change the permissions of the file and its folder, or give another "
             "path";
    case SQLITE_CANTOPEN:
      return "it cannot be opened; check the folder and its permissions";
    case SQLITE_NOTADB:
      return "it is not a store of Weir; give another path";
    case SQLITE_CORRUPT:
      return kDamaged;
    case SQLITE_IOERR:
      return "the disk reports an error; nothing that was kept is lost if the disk can still be "
             "read. Check the disk, then try again";
    default:
      return "the database failed";
  }
}

}  // namespace weir::store
