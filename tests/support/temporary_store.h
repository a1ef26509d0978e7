// TemporaryStore: a store in a folder of its own that vanishes with the test.
#pragma once

#include <stdexcept>
#include <string>

#include "store/store.h"
#include "support/temporary_folder.h"

namespace weir::testing {

// Opens the same file again, as another process would, by another call of open().
class TemporaryStore {
 public:
  std::string path() const { return folder_.file("weir.db"); }

  store::Store open(Milliseconds busy_timeout = std::chrono::seconds{5}) const {
    Result<store::Store> store =
        store::open_store({.location = path(), .busy_timeout = busy_timeout});
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

}  // namespace weir::testing
