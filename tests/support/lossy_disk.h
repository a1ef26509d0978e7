// LossyDisk: what a disk may hold after a power loss. It stands between SQLite and the files of one
// folder and knows which writes have not been synced: of these a power loss leaves any, in any
// order, also torn at a sector. Everything else goes to the real files.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace weir::testing {

class LossyDisk {
 public:
  // The files by their names.
  using Files = std::map<std::string, std::string>;

  // All that SQLite opens in this folder goes through it, until it is destroyed. One at a time.
  explicit LossyDisk(std::string folder);
  ~LossyDisk();
  LossyDisk(const LossyDisk&) = delete;
  LossyDisk& operator=(const LossyDisk&) = delete;

  // What could be there if the power failed now.
  Files after_power_loss(std::mt19937& random) const;

  // Called before each write, sync and truncation.
  std::function<void()> before_each = {};

 private:
  friend struct LossyFile;

  struct Unsynced {
    std::int64_t offset = 0;
    std::string bytes = {};
    bool truncates = false;  // to the offset
  };
  struct File {
    bool exists = false;  // was synced once
    std::string synced = {};
    std::vector<Unsynced> later = {};
  };

  static void put(std::string& content, const Unsynced& change);
  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* out_flags);
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder);

  const std::string folder_;
  std::map<std::string, File> files_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
};

}  // namespace weir::testing
