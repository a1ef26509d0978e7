#include "budget/counters.h"

namespace weir::budget {

std::int64_t counter(store::Statements& sql, const std::string& name) {
  const auto lines = sql.run("SELECT value FROM counters WHERE name = $1", {name});
  return lines.empty() ? 0 : lines.front().integer(0);
}

void set_counter(store::Statements& sql, const std::string& name, std::int64_t value) {
  sql.run(
      "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET "
      "value = excluded.value",
      {name, value});
}

}  // namespace weir::budget
