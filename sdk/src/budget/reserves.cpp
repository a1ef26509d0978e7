#include "budget/reserves.h"

#include <algorithm>

#include "budget/counters.h"

namespace weir::budget {
namespace {

// One such day may be a misunderstanding.
constexpr std::size_t kFewestDays = 2;

}  // namespace

void learn_outside_reserve(store::Statements& sql, const std::string& oldest_day,
                           std::int64_t calls_per_day) {
  const auto days = sql.run(
      "SELECT outside FROM org_days WHERE closed = 1 AND teaches = 1 AND org_day >= $1 ORDER BY "
      "outside",
      {oldest_day});
  if (days.size() < kFewestDays) {
    set_counter(sql, kLearnedReserve, 0);
    return;
  }
  // The nearest rank: the smallest value that 90 of 100 days do not exceed.
  const std::size_t rank = (days.size() * 9 + 9) / 10;
  set_counter(sql, kLearnedReserve, std::min(days.at(rank - 1).integer(0), calls_per_day * 9 / 10));
}

}  // namespace weir::budget
