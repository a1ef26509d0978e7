// Settings: what one seed plays: the organization, its processes and hosts, and how much goes
// wrong. A plain value, drawn from the seed alone.
#pragma once

#include <weir/client_options.h>
#include <weir/clock.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/model.h"
#include "simulation/platform.h"
#include "simulation/store_view.h"

namespace weir::simulation {

// Many rows that are handed over one by one within a short time, by the first `processes`, each of
// them all: the day that a price must survive.
struct Import {
  TimePoint begins = {};
  Milliseconds length = {};
  std::int64_t rows = 0;
  int processes = 1;
};

struct Settings {
  std::uint64_t seed = 0;
  std::string time_zone = {};
  TimePoint start = {};
  Milliseconds length = std::chrono::hours{7 * 24};

  int processes = 1;
  // Processes on several hosts share a database server, those on one host a file.
  int hosts = 1;
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  CallLimits limits = {};
  bool refuses_unknown_deletes = false;
  bool others_spend_too = false;
  Milliseconds platform_ahead = {};
  std::map<std::string, Table> rows_at_first = {};

  // Empty: solved by the processes.
  std::optional<double> price_row_seconds = {};
  // In the order in which they begin.
  std::vector<Import> imports = {};
  Milliseconds wait = {};
  Milliseconds call_timeout = {};
  Milliseconds lease_rest = {};
  std::int64_t interactive_reserve = 0;

  // How often something is handed over, by each process, and of how many keys.
  Milliseconds between_actions = {};
  int keys = 20;
  double bad_cells = 0;
  double publishes = 0.2;
  bool adopts = false;

  // Things that go wrong, by chance at each occasion; a mean of 0 is never.
  double call_faults = 0;
  double crashes = 0;
  StoreFaults store_faults = {};
  Milliseconds between_clock_jumps = {};
  Milliseconds between_host_restarts = {};
  Milliseconds between_lost_sessions = {};
};

Settings draw_settings(std::uint64_t seed);

// In one line, for people.
std::string describe(const Settings& settings);

}  // namespace weir::simulation
