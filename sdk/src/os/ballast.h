// Ballast: a file without meaning beside the store, which holds space on the disk. When the disk is
// full it is given up, so that what waits can still be sent and settled; new changes are refused
// until there is space for it again. Safe to use from several processes at once.
#pragma once

#include <cstdint>
#include <string>

namespace weir::os {

class Ballast {
 public:
  // An eighth of a small disk, and no more than 8 MiB.
  explicit Ballast(const std::string& store);

  // Puts it there where it is missing and the disk has room for twice as much. Returns false when
  // the disk has not; of other obstacles nothing depends on it.
  bool ensure();

  void release();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::int64_t size_ = 0;
};

}  // namespace weir::os
