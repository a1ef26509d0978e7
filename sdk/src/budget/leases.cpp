#include "budget/leases.h"

#include <algorithm>
#include <new>
#include <utility>

namespace weir::budget {
namespace {

constexpr Milliseconds kPoll{10};

constexpr const char* kFind =
    "SELECT deadline_ms, rest_until_ms, call_time_ms, holder FROM leases WHERE name = $1";

// The line that a holder left in the ledger.
struct Line {
  Milliseconds deadline;
  std::optional<Milliseconds> rest_until;
  Milliseconds call_time;
  std::string holder;
};

std::optional<Line> find_line(store::Statements& sql, const std::string& name) {
  const auto lines = sql.run(kFind, {name});
  if (lines.empty()) return std::nullopt;
  const store::SqlRow& line = lines.front();
  Line found{.deadline = Milliseconds(line.integer(0)),
             .rest_until = {},
             .call_time = Milliseconds(line.integer(2)),
             .holder = line.text(3)};
  if (!line.is_null(1)) found.rest_until = Milliseconds(line.integer(1));
  return found;
}

// What is left of the rest of a lease. Never more than it can be, should the clock have begun anew.
Milliseconds rest_left(const Line& line, Milliseconds now, Milliseconds longest) {
  if (line.rest_until) return std::clamp(*line.rest_until - now, Milliseconds{0}, longest);
  return std::clamp(line.deadline - now, Milliseconds{0}, longest);
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

Leases::Leases(store::Store& store, std::shared_ptr<Clock> clock, Milliseconds rest,
               std::string holder)
    : store_(store), clock_(std::move(clock)), rest_(rest), holder_(std::move(holder)) {}

Result<std::optional<Lease>> Leases::try_take(const std::string& name, Milliseconds call_time) {
  Result<std::unique_ptr<store::SlotLock>> lock = store_.locks->try_lock(name);
  if (!lock) return lock.error();
  if (!*lock) return std::optional<Lease>();
  Result<bool> claimed = claim(name, call_time);
  if (!claimed) return claimed.error();
  if (!*claimed) return std::optional<Lease>();
  return std::optional(Lease(*this, name, std::move(*lock)));
}

Milliseconds Leases::now(store::Statements& sql) const {
  return store_.shared_time ? store_.shared_time(sql) : clock_->steady_now();
}

// Called with the lock held. A line in the ledger means that its writer died or, where a lock can
// be lost, that it may still be at work: then only its deadline ends the lease.
Result<bool> Leases::claim(const std::string& name, Milliseconds call_time) {
  return store_.database->write([&](store::Statements& sql) -> Result<bool> {
    const Milliseconds now = this->now(sql);
    if (const auto line = find_line(sql, name)) {
      const bool is_dead = store_.locks->freed_only_by_death() || os::is_dead(line->holder);
      const Milliseconds left = rest_left(*line, now, is_dead ? rest_ : line->call_time);
      if (left > Milliseconds{0}) {
        if (is_dead && line->rest_until != now + left)
          sql.run("UPDATE leases SET rest_until_ms = $2 WHERE name = $1",
                  {name, (now + left).count()});
        return false;
      }
    }
    sql.run(
        "INSERT INTO leases (name, deadline_ms, rest_until_ms, call_time_ms, holder) "
        "VALUES ($1, $2, NULL, $3, $4) ON CONFLICT (name) DO UPDATE SET "
        "deadline_ms = excluded.deadline_ms, rest_until_ms = NULL, "
        "call_time_ms = excluded.call_time_ms, holder = excluded.holder",
        {name, (now + call_time).count(), call_time.count(), holder_});
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

// When the line cannot be removed, or there is no memory for it, the lease only rests once more
// than it needs to.
void Leases::release(const std::string& name) noexcept try {
  const Result<void> removed = store_.database->write([&](store::Statements& sql) -> Result<void> {
    // After a lost session the lease may be another's by now.
    sql.run("DELETE FROM leases WHERE name = $1 AND holder = $2", {name, holder_});
    return {};
  });
  static_cast<void>(removed);
} catch (const std::bad_alloc&) {
}

std::vector<std::string> connection_lease_names(int connections) {
  std::vector<std::string> names;
  for (int i = 0; i < connections; ++i) names.push_back("connection-" + std::to_string(i));
  return names;
}

std::string writer_lease_name(const std::string& data_source) { return "writer-" + data_source; }

}  // namespace weir::budget
