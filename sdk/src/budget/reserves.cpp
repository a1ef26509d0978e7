#include "budget/reserves.h"

#include <algorithm>

namespace weir::budget {

std::int64_t outside_reserve(store::Statements& sql, const Reserves& reserves,
                             const std::string& oldest_day) {
  const auto days =
      sql.run("SELECT outside FROM org_days WHERE closed = 1 AND org_day >= $1 ORDER BY outside",
              {oldest_day});
  if (days.empty()) return reserves.outside;
  // The nearest rank: the smallest value that 90 of 100 days do not exceed.
  const std::size_t rank = (days.size() * 9 + 9) / 10;
  return std::max(reserves.outside, days.at(rank - 1).integer(0));
}

}  // namespace weir::budget
