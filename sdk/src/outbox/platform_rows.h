// PlatformRows: rows that were read from the platform, as the mirror remembers them: key and
// fingerprint, in a temporary file. Not thread-safe.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <functional>
#include <string>

#include "outbox/spool.h"

namespace weir::outbox {

class PlatformRows {
 public:
  // kStoreFull: there is no room for it.
  Result<void> add(const Row& row);

  // A failure of the file is thrown as StoreFailure.
  void for_each(
      const std::function<void(const std::string& key, const std::string& hash)>& take) const;

 private:
  Spool rows_;
};

}  // namespace weir::outbox
