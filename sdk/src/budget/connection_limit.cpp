#include "budget/connection_limit.h"

#include <algorithm>

namespace weir::budget {
namespace {

constexpr Milliseconds kRaiseAfter = std::chrono::minutes{10};

}  // namespace

int connections_allowed(store::Statements& sql, int most, Milliseconds now) {
  const auto lines =
      sql.run("SELECT allowed, since_ms FROM connection_limit WHERE id = $1", {std::int64_t{1}});
  if (lines.empty()) return most;
  const Milliseconds quiet = now - Milliseconds(lines.front().integer(1));
  // Steady time begins anew with the host; what was refused before is long over.
  if (quiet < Milliseconds{0}) return most;
  return static_cast<int>(
      std::min<std::int64_t>(most, lines.front().integer(0) + quiet / kRaiseAfter));
}

void lower_connections(store::Statements& sql, int most, Milliseconds now) {
  const std::int64_t allowed = std::max(1, connections_allowed(sql, most, now) - 1);
  sql.run(
      "INSERT INTO connection_limit (id, allowed, since_ms) VALUES ($1, $2, $3) "
      "ON CONFLICT (id) DO UPDATE SET allowed = excluded.allowed, since_ms = excluded.since_ms",
      {std::int64_t{1}, allowed, now.count()});
}

}  // namespace weir::budget
