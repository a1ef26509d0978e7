// Batch: the changes of one call of one data source, taken from the outbox in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "outbox/coalesce.h"

namespace weir::outbox {

struct BatchChange {
  std::string key = {};
  PendingChange change = {};
  std::int64_t order_number = 0;
  bool as_update = false;  // an upsert that rides as an update of all cells
  // What the mirror said before the batch was taken, to be put back when it turns out that nothing
  // was sent.
  bool was_in_mirror = false;
  std::optional<std::string> hash_before = {};
};

struct Batch {
  std::string source = {};
  bool replace = false;  // the rows replace whatever the platform has
  std::vector<BatchChange> changes = {};
  std::vector<std::string> columns = {};  // for upserts that ride as updates
  std::int64_t bytes = 0;                 // about what it takes as JSON
};

}  // namespace weir::outbox
