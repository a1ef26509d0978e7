// Spool: lists of texts in a temporary file of this process that has no name, to be gone through
// later in their order: what need not be in memory. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::outbox {

class Spool {
 public:
  // kStoreFull: there is no room for it; what was added before stays.
  Result<void> add(const std::vector<std::string>& texts);

  // All that was added, or a failure of the file, thrown as StoreFailure.
  void for_each(const std::function<void(const std::vector<std::string>&)>& take) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  bool open();

  std::unique_ptr<std::FILE, Close> file_;
  std::string place_;       // where the file is, for messages
  std::int64_t count_ = 0;  // a file that ends early must not look like fewer lists
};

}  // namespace weir::outbox
