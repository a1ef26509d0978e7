// RowChange: a row of a data source has taken another value, known by fingerprints: what the price
// engine learns from (pacing/push_pacer.h). Plain values.
#pragma once

#include <cstdint>

namespace weir::outbox {

// A row's value is known by a fingerprint; 0 is a row that is not there.
using ValueHash = std::uint64_t;

struct RowChange {
  std::uint64_t key = 0;  // fingerprint of the row's key
  ValueHash before = 0;
  ValueHash after = 0;
};

}  // namespace weir::outbox
