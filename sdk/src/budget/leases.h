// Leases: things of which only so many may be held at once over all processes that share a store:
// the organization's three connections, and the one writer of a data source.
//
// A lease is a lock by name, which tells whether its holder is alive, and a line in the ledger with
// the deadline of the call it is held for. When a holder died, its lease rests a short time, never
// past that deadline, before it is given out again: the server may still be working on the dead
// call. Where a lock can be lost while its holder works on (PostgreSQL), a lease whose holder is
// not known to be dead, or to have given it back, rests until that deadline (docs/architecture.md,
// "Leases"). Safe to use from
// several threads at once; a Lease must not outlive its Leases.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <memory>
#include <optional>
#include <string>

#include "os/process.h"
#include "store/store.h"
#include "time/context.h"

namespace weir::budget {

class Leases;

// Held until destroyed.
class Lease {
 public:
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  const std::string& name() const { return name_; }

 private:
  friend class Leases;
  Lease(Leases& leases, std::string name, std::unique_ptr<store::SlotLock> lock,
        Milliseconds deadline);

  Leases* leases_;
  std::string name_;
  std::unique_ptr<store::SlotLock> lock_;
  // The deadlines of which its line has one: of a commit that failed nobody knows.
  mutable Milliseconds deadline_;
  mutable Milliseconds other_deadline_;
};

class Leases {
 public:
  // `holder`: the name by which the lines in the ledger know this process.
  Leases(store::Store& store, std::shared_ptr<Clock> clock, Milliseconds rest,
         std::string holder = os::process_name());

  // Empty when somebody holds the lease or it rests. `call_time` is how long the call it is for may
  // take.
  Result<std::optional<Lease>> try_take(const std::string& name, Milliseconds call_time);

  // The same, waiting for the first of `names` that becomes free as long as the context allows;
  // each is tried once in any case. kCancelled: a stop was requested.
  Result<std::optional<Lease>> take_any(const std::vector<std::string>& names,
                                        Milliseconds call_time, const Context& context);

  // The holder is still at work, and its next call may take so long. kConflict: the lease has
  // become another's meanwhile, after a lost session.
  Result<void> renew(const Lease& lease, Milliseconds call_time);

  // The time by which contexts say how long to wait.
  Milliseconds steady_now() const { return clock_->steady_now(); }

  // How many of `names` are held by a living process now.
  Result<int> held(const std::vector<std::string>& names);

 private:
  friend class Lease;
  // A lease, or how much longer it rests; neither when somebody holds it.
  struct Taken {
    std::optional<Lease> lease = {};
    Milliseconds rests_for = {};
  };

  Milliseconds now(store::Statements& sql) const;
  Result<Taken> take(const std::string& name, Milliseconds call_time, bool rested_before);
  // `deadline` is set where a line is written.
  Result<Milliseconds> claim(const std::string& name, Milliseconds call_time,
                             Milliseconds& deadline);
  Result<Milliseconds> rest_of(const std::string& name);
  void release(const Lease& lease) noexcept;

  store::Store& store_;
  const std::shared_ptr<Clock> clock_;
  const Milliseconds rest_;
  const std::string holder_;
};

// The names of the organization's connection leases.
std::vector<std::string> connection_lease_names(int connections);

// The name of the lease of a data source's one writer.
std::string writer_lease_name(const std::string& data_source);

}  // namespace weir::budget
