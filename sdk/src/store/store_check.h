// Whether a store is whole. Thread-safe.
#pragma once

#include <weir/result.h>

#include <string>
#include <vector>

#include "store/store.h"

namespace weir::store {

// What is damaged, in the database's words; empty: nothing. Reads all of a file; of a database
// elsewhere only whether it answers, since its server looks after that.
Result<std::vector<std::string>> damage_of(Store& store, const std::string& location);

}  // namespace weir::store
