// The secret under which a store knows rows (rows/keyed_hash.h): in the store, so that all
// processes and hosts that share it call the same rows equal. Drawn once, with the tables.
#pragma once

#include <cstddef>
#include <string>

#include "store/database.h"

namespace weir::store {

inline constexpr std::size_t kRowSecretBytes = 192;

// Within a transaction. Throws StoreFailure or DamagedCell when it is lost: by another secret all
// rows would count as changed.
std::string load_row_secret(Statements& sql);

// For a store that has none.
void draw_row_secret(Statements& sql);

}  // namespace weir::store
