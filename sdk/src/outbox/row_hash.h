// The fingerprint by which the mirror remembers a row: 128 bits of XXH3 over the cells and their
// lengths.
//
// Not a cryptographic hash: it tells equal rows from different ones of the same customer, where a
// chance collision of two versions of one row is 2^-128. Pure, thread-safe.
#pragma once

#include <weir/row.h>

#include <string>

namespace weir::outbox {

// 16 bytes, the same on every host (canonical form).
std::string row_hash(const Row& row);

}  // namespace weir::outbox
