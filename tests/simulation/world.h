// World: everything that the parts of one simulation share.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "simulation/host.h"
#include "simulation/life.h"
#include "simulation/memory_database.h"
#include "simulation/model.h"
#include "simulation/platform.h"
#include "simulation/random.h"
#include "simulation/scheduler.h"
#include "simulation/seeded_bug.h"
#include "simulation/settings.h"
#include "simulation/spending_rule.h"
#include "simulation/store_view.h"
#include "simulation/trace.h"

namespace weir::simulation {

inline constexpr std::int64_t kCompany = 4711;
inline constexpr const char* kKey = "the-integration-key-of-4711";

// What happened, for the summary.
struct Counts {
  std::int64_t calls = 0;
  std::int64_t kills = 0;
  std::int64_t faults = 0;
  std::int64_t changes = 0;
  std::int64_t publishes = 0;
  std::int64_t clock_jumps = 0;
  std::int64_t host_restarts = 0;
  std::int64_t dead_letters = 0;
  std::int64_t transactions = 0;
  std::int64_t steps = 0;

  Counts& operator+=(const Counts& other);
};

struct World {
  World(Settings drawn, bool prints, SeededBug seeded);

  // kill -9, from an event.
  void kill(Life& life);

  // A metered call that a program makes by itself comes in at the platform (I10).
  void note_automatic_call();
  // Whether rows wait now (I10).
  void look_at_waiting();

  // What waits at the end. Where nothing but rows that the platform refuses is left, nobody can
  // tell whether it is the request's fault, and they may wait.
  std::int64_t waiting_rows_but_refused_ones();
  bool is_waiting(const std::string& source, const std::string& key);

  // Until the platform's next midnight.
  Milliseconds until_midnight() const;

  // A line of the SDK's log: shown with the trace, and searched for secrets (I8).
  void log(int process, std::string_view line);

  // A seeded bug: the ledger takes back the last call.
  void forget_spent_call();

  // A seeded bug: what was kept last is not in the store after all.
  void lose_newest_change();

  // The processes are to end, and nothing goes wrong any more.
  bool is_over = false;

  const Settings settings;
  const SeededBug bug;
  Random random;
  Scheduler scheduler;
  Trace trace;
  StoreFaults store_faults;
  double call_faults;
  MemoryDatabase database;
  LockTable locks;
  Model model;
  Platform platform;
  SpendingRule spending;
  std::deque<Host> hosts;
  std::deque<Life> lives;
  Counts counts;

 private:
  DayNow day_now() const;
};

}  // namespace weir::simulation
