#include "budget/leases.h"

#include <algorithm>
#include <utility>

namespace weir::budget {
namespace {

constexpr Milliseconds kPoll{10};

// What is left of the rest of a lease whose holder died, told by its line in the ledger.
Milliseconds rest_left(const store::SqlRow& line, Milliseconds now, Milliseconds rest) {
  const Milliseconds deadline{line.integer(0)};
  if (line.is_null(1)) return std::clamp(deadline - now, Milliseconds{0}, rest);
  // A rest longer than any can be was written before the host restarted, when steady time began
  // anew.
  const Milliseconds until{line.integer(1)};
  return std::min(until - now, rest);
}

}  // namespace

Lease::Lease(Leases& leases, std::string name, std::unique_ptr<store::SlotLock> lock)
    : leases_(&leases), name_(std::move(name)), lock_(std::move(lock)) {}

Lease::Lease(Lease&& other) noexcept = default;

Lease& Lease::operator=(Lease&& other) noexcept {
  std::swap(leases_, other.leases_);
  std::swap(name_, other.name_);
  std::swap(lock_, other.lock_);
  return *this;
}

Lease::~Lease() {
  if (lock_) leases_->release(name_);
}

Leases::Leases(store::Store& store, std::shared_ptr<Clock> clock, Milliseconds rest)
    : store_(store), clock_(std::move(clock)), rest_(rest) {}

Result<std::optional<Lease>> Leases::try_take(const std::string& name, Milliseconds call_time) {
  Result<std::unique_ptr<store::SlotLock>> lock = store_.locks->try_lock(name);
  if (!lock) return lock.error();
  if (!*lock) return std::optional<Lease>();
  Result<bool> claimed = claim(name, call_time);
  if (!claimed) return claimed.error();
  if (!*claimed) return std::optional<Lease>();
  return std::optional(Lease(*this, name, std::move(*lock)));
}

// Called with the lock held. A line in the ledger means that its writer died, for release() removes
// it.
Result<bool> Leases::claim(const std::string& name, Milliseconds call_time) {
  return store_.database->write([&](store::Statements& sql) -> Result<bool> {
    const Milliseconds now = clock_->steady_now();
    const auto lines =
        sql.run("SELECT deadline_ms, rest_until_ms FROM leases WHERE name = $1", {name});
    const Milliseconds left =
        lines.empty() ? Milliseconds{0} : rest_left(lines.front(), now, rest_);
    if (left > Milliseconds{0}) {
      sql.run("UPDATE leases SET rest_until_ms = $2 WHERE name = $1", {name, (now + left).count()});
      return false;
    }
    sql.run(
        "INSERT INTO leases (name, deadline_ms, rest_until_ms) VALUES ($1, $2, NULL) "
        "ON CONFLICT (name) DO UPDATE SET deadline_ms = excluded.deadline_ms, rest_until_ms = NULL",
        {name, (now + call_time).count()});
    return true;
  });
}

Result<std::optional<Lease>> Leases::take_any(const std::vector<std::string>& names,
                                              Milliseconds call_time, Milliseconds wait) {
  const Milliseconds give_up = clock_->steady_now() + wait;
  while (true) {
    for (const std::string& name : names) {
      Result<std::optional<Lease>> lease = try_take(name, call_time);
      if (!lease || lease->has_value()) return lease;
    }
    const Milliseconds left = give_up - clock_->steady_now();
    if (left <= Milliseconds{0}) return std::optional<Lease>();
    clock_->wait(std::min(kPoll, left), {});
  }
}

Result<int> Leases::held(const std::vector<std::string>& names) {
  int count = 0;
  for (const std::string& name : names) {
    Result<bool> locked = store_.locks->is_locked(name);
    if (!locked) return locked.error();
    if (*locked) ++count;
  }
  return count;
}

// When the line cannot be removed, the lease only rests once more than it needs to.
void Leases::release(const std::string& name) {
  const Result<void> removed = store_.database->write([&](store::Statements& sql) -> Result<void> {
    sql.run("DELETE FROM leases WHERE name = $1", {name});
    return {};
  });
  static_cast<void>(removed);
}

std::vector<std::string> connection_lease_names(int connections) {
  std::vector<std::string> names;
  for (int i = 0; i < connections; ++i) names.push_back("connection-" + std::to_string(i));
  return names;
}

std::string writer_lease_name(const std::string& data_source) { return "writer-" + data_source; }

}  // namespace weir::budget
