// PlatformRows: rows that were read from the platform, as the mirror remembers them: key and
// fingerprint, in a temporary file. Not thread-safe.
//
// It has the fingerprint without a key too, by which a store of before knows the row.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <functional>
#include <string>

#include "outbox/spool.h"
#include "rows/keyed_hash.h"

namespace weir::outbox {

class PlatformRows {
 public:
  // The hash must outlive it.
  explicit PlatformRows(const KeyedHash& hash) : hash_(hash) {}

  // kStoreFull: there is no room for it.
  Result<void> add(const Row& row);

  // A failure of the file is thrown as StoreFailure.
  void for_each(const std::function<void(const std::string& key, const std::string& hash,
                                         const std::string& unkeyed)>& take) const;

 private:
  const KeyedHash& hash_;
  Spool rows_;
};

}  // namespace weir::outbox
