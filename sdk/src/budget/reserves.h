// Reserves: calls of a day that are kept back: for people, and for those who spend from the same
// budget without Weir.
//
// What others spend is learned when the platform says, beyond doubt, that the limit is reached
// before Weir has spent it: the 90th percentile of such days within the last 30, when there are two
// at least, is kept back from then on. Works within a transaction; no state of its own.
#pragma once

#include <cstdint>
#include <string>

#include "store/database.h"

namespace weir::budget {

// As configured; both 0 by default.
struct Reserves {
  std::int64_t interactive = 0;
  std::int64_t outside = 0;
};

// Works out anew what to keep back for others, from the days since `oldest_day`, and keeps it as
// the counter kLearnedReserve. At least a tenth of the day is left: without a call of its own Weir
// would never hear that others have stopped.
void learn_outside_reserve(store::Statements& sql, const std::string& oldest_day,
                           std::int64_t calls_per_day);

inline constexpr const char* kLearnedReserve = "outside_reserve";

}  // namespace weir::budget
