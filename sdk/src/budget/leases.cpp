#include "budget/leases.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <new>
#include <utility>

namespace weir::budget {
namespace {

constexpr Milliseconds kPoll{10};
// A lease that rests may be given back before its time.
constexpr Milliseconds kLongestPause{1000};

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

// Leases that this process has given back, but for their lines in the ledger: a disk has failed,
// memory ran out, or the database was away. So it needs none; of many the oldest are forgotten,
// whose leases then rest longer. A line is known by its deadline: another one of that name may be
// of another store, or of somebody who is at work.
class LeftBehind {
 public:
  void add(const std::string& name, Milliseconds deadline) noexcept {
    lines_.at(next_++ % kMost) = hash_of(name, deadline);
  }
  bool has(const std::string& name, Milliseconds deadline) const noexcept {
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const auto& left) { return left == hash_of(name, deadline); });
  }

 private:
  static constexpr std::size_t kMost = 64;
  static std::size_t hash_of(const std::string& name, Milliseconds deadline) noexcept {
    const std::size_t of_name = std::hash<std::string>{}(name);
    return (of_name * 31 + std::hash<std::int64_t>{}(deadline.count())) | 1;
  }

  std::array<std::atomic<std::size_t>, kMost> lines_ = {};
  std::atomic<std::size_t> next_ = 0;
};

LeftBehind left_behind;

// A lock of a file that is free while its holder lives was not freed by the holder's death:
// somebody has removed the file.
bool has_died(const std::string& name, const Line& line, const store::SlotLocks& locks,
              const std::string& own_process) {
  if (line.holder == own_process && left_behind.has(name, line.deadline)) return true;
  return locks.freed_only_by_death() ? !os::is_alive(line.holder) : os::is_dead(line.holder);
}

}  // namespace

Lease::Lease(Leases& leases, std::string name, std::unique_ptr<store::SlotLock> lock,
             Milliseconds deadline)
    : leases_(&leases),
      name_(std::move(name)),
      lock_(std::move(lock)),
      deadline_(deadline),
      other_deadline_(deadline) {}

Lease::Lease(Lease&& other) noexcept = default;

Lease& Lease::operator=(Lease&& other) noexcept {
  std::swap(leases_, other.leases_);
  std::swap(name_, other.name_);
  std::swap(lock_, other.lock_);
  std::swap(deadline_, other.deadline_);
  std::swap(other_deadline_, other.other_deadline_);
  return *this;
}

Lease::~Lease() {
  if (lock_) leases_->release(*this);
}

Leases::Leases(store::Store& store, std::shared_ptr<Clock> clock, Milliseconds rest,
               std::string holder)
    : store_(store), clock_(std::move(clock)), rest_(rest), holder_(std::move(holder)) {}

Result<std::optional<Lease>> Leases::try_take(const std::string& name, Milliseconds call_time) {
  Result<Taken> taken = take(name, call_time, false);
  if (!taken) return taken.error();
  return std::move(taken->lease);
}

// One that rested before is only read: a transaction that writes waits for the disk.
Result<Leases::Taken> Leases::take(const std::string& name, Milliseconds call_time,
                                   bool rested_before) {
  Result<std::unique_ptr<store::SlotLock>> lock = store_.locks->try_lock(name);
  if (!lock) return lock.error();
  if (!*lock) return Taken{};
  Result<Milliseconds> rest = rested_before ? rest_of(name) : Milliseconds{0};
  Milliseconds deadline{0};
  if (rest && *rest == Milliseconds{0}) rest = claim(name, call_time, deadline);
  if (!rest) {
    // A commit that is said to have failed may have written the line all the same.
    left_behind.add(name, deadline);
    return rest.error();
  }
  if (*rest > Milliseconds{0}) return Taken{.rests_for = *rest};
  return Taken{.lease = Lease(*this, name, std::move(*lock), deadline)};
}

Milliseconds Leases::now(store::Statements& sql) const {
  return store_.shared_time ? store_.shared_time(sql) : clock_->steady_now();
}

// Called with the lock held. A line in the ledger means that its writer died or, where a lock can
// be lost, that it may still be at work: then only its deadline ends the lease. Gives how long it
// rests, and 0 when it was claimed.
Result<Milliseconds> Leases::claim(const std::string& name, Milliseconds call_time,
                                   Milliseconds& deadline) {
  return store_.database->write([&](store::Statements& sql) -> Result<Milliseconds> {
    const Milliseconds now = this->now(sql);
    if (const auto line = find_line(sql, name)) {
      const bool is_dead = has_died(name, *line, *store_.locks, holder_);
      const Milliseconds left = rest_left(*line, now, is_dead ? rest_ : line->call_time);
      if (left > Milliseconds{0}) {
        if (is_dead && line->rest_until != now + left)
          sql.run("UPDATE leases SET rest_until_ms = $2 WHERE name = $1",
                  {name, (now + left).count()});
        return left;
      }
    }
    deadline = now + call_time;
    sql.run(
        "INSERT INTO leases (name, deadline_ms, rest_until_ms, call_time_ms, holder) "
        "VALUES ($1, $2, NULL, $3, $4) ON CONFLICT (name) DO UPDATE SET "
        "deadline_ms = excluded.deadline_ms, rest_until_ms = NULL, "
        "call_time_ms = excluded.call_time_ms, holder = excluded.holder",
        {name, deadline.count(), call_time.count(), holder_});
    return Milliseconds{0};
  });
}

// The same without claiming it. 0 also when its holder is found dead only now: claim() notes that.
Result<Milliseconds> Leases::rest_of(const std::string& name) {
  return store_.database->read([&](store::Statements& sql) -> Result<Milliseconds> {
    const auto line = find_line(sql, name);
    if (!line) return Milliseconds{0};
    const bool is_dead = has_died(name, *line, *store_.locks, holder_);
    if (is_dead && !line->rest_until) return Milliseconds{0};
    return rest_left(*line, now(sql), is_dead ? rest_ : line->call_time);
  });
}

Result<std::optional<Lease>> Leases::take_any(const std::vector<std::string>& names,
                                              Milliseconds call_time, const Context& context) {
  std::map<std::string, Milliseconds> look_again_at;  // of those that rest
  while (true) {
    if (context.is_stopped())
      return Error{.code = ErrorCode::kCancelled, .message = "stopped; nothing was sent"};
    Milliseconds pause = kLongestPause;
    for (const std::string& name : names) {
      const auto rests = look_again_at.find(name);
      const Milliseconds now = clock_->steady_now();
      if (rests != look_again_at.end() && rests->second > now) {
        pause = std::min(pause, rests->second - now);
        continue;
      }
      Result<Taken> taken = take(name, call_time, rests != look_again_at.end());
      if (!taken) return taken.error();
      if (taken->lease) return std::move(taken->lease);
      const bool is_held = taken->rests_for == Milliseconds{0};
      const Milliseconds soon = is_held ? kPoll : std::min(taken->rests_for, kLongestPause);
      if (is_held) {
        look_again_at.erase(name);
      } else {
        look_again_at[name] = now + soon;
      }
      pause = std::min(pause, soon);
    }
    const Milliseconds left = context.left(clock_->steady_now());
    if (left <= Milliseconds{0}) return std::optional<Lease>();
    clock_->wait(std::min(pause, left), context.stop);
  }
}

// Who finds a lock free that a lost session had held lets the lease rest until the deadline of its
// line, so the line alone keeps others away.
Result<void> Leases::renew(const Lease& lease, Milliseconds call_time) {
  Result<void> written = store_.database->write([&](store::Statements& sql) -> Result<void> {
    const Milliseconds deadline = now(sql) + call_time;
    lease.other_deadline_ = std::exchange(lease.deadline_, deadline);
    const auto renewed = sql.run(
        "UPDATE leases SET deadline_ms = $2, call_time_ms = $3 WHERE name = $1 AND holder = $4 "
        "RETURNING name",
        {lease.name(), deadline.count(), call_time.count(), holder_});
    if (!renewed.empty()) return {};
    return Error{.code = ErrorCode::kConflict,
                 .message =
                     "the connection to the store was lost, and another process has taken "
                     "over (" +
                     lease.name() + "); try again"};
  });
  if (written) lease.other_deadline_ = lease.deadline_;
  return written;
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
void Leases::release(const Lease& lease) noexcept {
  const auto leave_behind = [&] {
    left_behind.add(lease.name_, lease.deadline_);
    left_behind.add(lease.name_, lease.other_deadline_);
  };
  try {
    const Result<void> removed =
        store_.database->write([&](store::Statements& sql) -> Result<void> {
          // After a lost session the lease may be another's by now.
          sql.run("DELETE FROM leases WHERE name = $1 AND holder = $2", {lease.name_, holder_});
          return {};
        });
    if (!removed) leave_behind();
  } catch (const std::bad_alloc&) {
    leave_behind();
  }
}

std::vector<std::string> connection_lease_names(int connections) {
  std::vector<std::string> names;
  for (int i = 0; i < connections; ++i) names.push_back("connection-" + std::to_string(i));
  return names;
}

std::string writer_lease_name(const std::string& data_source) { return "writer-" + data_source; }

}  // namespace weir::budget
