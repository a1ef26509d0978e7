#include "budget/reserves.h"

#include <algorithm>

#include "budget/counters.h"

namespace weir::budget {

void learn_outside_reserve(store::Statements& sql, const std::string& oldest_day,
                           std::int64_t calls_per_day) {
  const auto days =
      sql.run("SELECT outside FROM org_days WHERE closed = 1 AND org_day >= $1 ORDER BY outside",
              {oldest_day});
  // The nearest rank: the smallest value that 90 of 100 days do not exceed.
  const std::size_t rank = (days.size() * 9 + 9) / 10;
  const std::int64_t spent = days.empty() ? 0 : days.at(rank - 1).integer(0);
  set_counter(sql, kLearnedReserve, std::min(spent, calls_per_day * 9 / 10));
}

}  // namespace weir::budget
