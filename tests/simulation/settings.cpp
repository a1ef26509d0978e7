#include "simulation/settings.h"

#include <algorithm>
#include <vector>

#include "simulation/random.h"

namespace weir::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Zones of every kind: far east and west, odd offsets, midnights that are missing or come twice,
// days of 23.5 hours.
const std::vector<std::string>& zones() {
  static const std::vector<std::string> kZones = {"UTC",
                                                  "America/Los_Angeles",
                                                  "Europe/Zurich",
                                                  "Asia/Kolkata",
                                                  "Asia/Kathmandu",
                                                  "Pacific/Kiritimati",
                                                  "Pacific/Pago_Pago",
                                                  "America/Havana",
                                                  "Africa/Cairo",
                                                  "America/Santiago",
                                                  "Asia/Beirut",
                                                  "Atlantic/Azores",
                                                  "America/Asuncion",
                                                  "Australia/Lord_Howe",
                                                  "Pacific/Chatham",
                                                  "America/St_Johns",
                                                  "America/New_York",
                                                  "Europe/London"};
  return kZones;
}

// Half of the weeks are those in which clocks change somewhere: the last of March, October and the
// first of April, September, November.
TimePoint draw_start(Random& random) {
  using namespace std::chrono;
  const year in_year{static_cast<int>(random.between(2024, 2030))};
  if (random.chance(0.5)) {
    return sys_days(in_year / 1 / 1) + random.between(Milliseconds{0}, hours{24 * 360});
  }
  static const std::vector<month_day> kChanges = {March / 5,    March / 24,    April / 2,
                                                  April / 22,   September / 3, October / 1,
                                                  October / 22, October / 28,  November / 1};
  return sys_days(in_year / random.pick(kChanges)) + random.between(Milliseconds{0}, hours{48});
}

std::int64_t draw_calls_per_day(Random& random) {
  if (random.chance(0.05)) return 2500;
  return random.chance(0.6) ? random.between(5, 40) : random.between(40, 300);
}

CallLimits draw_limits(Random& random) {
  if (random.chance(0.25)) return {};
  return {.upserts = random.between(1, 12),
          .deletes = random.between(1, 8),
          .cell_updates = random.between(1, 12),
          .replace_rows = random.between(1, 20),
          .rows_per_data_source = 50000,
          .page_rows = random.between(1, 20)};
}

std::map<std::string, Table> draw_rows(Random& random, int keys) {
  std::map<std::string, Table> sources;
  for (std::int64_t i = random.between(1, 3); i > 0; --i) {
    Table& rows = sources["S" + std::to_string(i)];
    for (std::int64_t row = random.between(0, keys / 2); row > 0; --row) {
      const std::string key = "k" + std::to_string(random.between(1, keys));
      rows[key] = {key, "first", std::to_string(row)};
    }
  }
  return sources;
}

void draw_trouble(Random& random, Settings& settings) {
  if (random.chance(0.1)) return;  // a calm week
  static const std::vector<double> kCallFaults = {0, 0.02, 0.1, 0.3};
  static const std::vector<double> kCrashes = {0, 0.02, 0.1, 0.3};
  settings.call_faults = random.pick(kCallFaults);
  settings.crashes = random.pick(kCrashes);
  if (random.chance(0.3)) settings.bad_cells = 0.02;
  if (random.chance(0.3)) settings.store_faults.busy = 0.01;
  if (random.chance(0.1)) settings.store_faults.full = 0.01;
  if (random.chance(0.3)) settings.between_clock_jumps = hours{18};
  if (random.chance(0.2)) settings.between_host_restarts = hours{40};
  if (settings.hosts == 1) return;
  if (random.chance(0.5)) settings.store_faults.unknown_end = 0.005;
  if (random.chance(0.5)) settings.between_lost_sessions = hours{6};
}

void draw_pace(Random& random, Settings& settings) {
  const std::int64_t actions = random.between(40, 250);
  settings.between_actions = settings.length * settings.processes / actions;
  settings.keys = static_cast<int>(random.between(3, 40));
  settings.publishes = random.unit() * 0.4;
  settings.adopts = random.chance(0.4);
  settings.price_row_seconds = random.chance(0.3) ? 0.0 : random.unit() * 7200;
  static const std::vector<Milliseconds> kWaits = {Milliseconds{0}, Milliseconds{300}, seconds{2},
                                                   seconds{30}};
  settings.wait = random.pick(kWaits);
  settings.call_timeout = random.chance(0.5) ? seconds{60} : seconds{10};
  settings.lease_rest = seconds{random.between(2, 5)};
}

// Solving the price takes seconds of a week that else takes a fraction of one, so few seeds do, and
// for two days. Processes that were killed keep their memory to the end, ten megabytes each with
// what they have learned: so few are.
constexpr std::uint64_t kSolvedPriceEvery = 20;
constexpr Milliseconds kSolvedLength = hours{48};
constexpr int kFewProcesses = 3;
constexpr double kFewCrashes = 0.005;

std::vector<Import> draw_imports(Random& random, const Settings& settings) {
  static const std::vector<Milliseconds> kLengths = {seconds{1}, seconds{10}, minutes{1},
                                                     minutes{5}, hours{1}};
  std::vector<Import> imports;
  const std::int64_t count = random.between(0, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    imports.push_back(
        {.begins = settings.start + random.between(Milliseconds{0}, settings.length - hours{1}),
         .length = random.pick(kLengths),
         .rows = random.between(20, 500),
         .processes = static_cast<int>(random.between(1, std::min(settings.processes, 2)))});
  }
  std::sort(imports.begin(), imports.end(),
            [](const Import& a, const Import& b) { return a.begins < b.begins; });
  return imports;
}

// Days as a client meets them by default: the price is solved, and rows come in bursts.
void draw_solved_days(Random& random, Settings& settings) {
  static const std::vector<std::int64_t> kBudgets = {60, 300, 1000, 2500, 2500};
  settings.price_row_seconds.reset();
  settings.length = kSolvedLength;
  settings.processes = std::min(settings.processes, kFewProcesses);
  settings.hosts = std::min(settings.hosts, settings.processes);
  settings.calls_per_day = random.pick(kBudgets);
  settings.interactive_reserve = 0;
  settings.limits = {};
  settings.others_spend_too = false;
  settings.crashes = std::min(settings.crashes, kFewCrashes);
  settings.imports = draw_imports(random, settings);
}

}  // namespace

Settings draw_settings(std::uint64_t seed) {
  Random random(seed ^ 0x5E77'1265ULL);
  Settings settings{.seed = seed};
  settings.time_zone = random.pick(zones());
  settings.start = draw_start(random);
  settings.processes = static_cast<int>(random.between(1, 8));
  if (settings.processes > 1 && random.chance(0.35))
    settings.hosts = static_cast<int>(random.between(2, std::min(settings.processes, 4)));
  settings.calls_per_day = draw_calls_per_day(random);
  settings.max_connections = random.chance(0.5) ? 3 : static_cast<int>(random.between(1, 2));
  settings.limits = draw_limits(random);
  settings.refuses_unknown_deletes = random.chance(0.3);
  settings.others_spend_too = random.chance(0.15);
  settings.platform_ahead = random.between(Milliseconds{-100'000}, Milliseconds{100'000});
  if (random.chance(0.2)) settings.interactive_reserve = settings.calls_per_day / 10;
  draw_pace(random, settings);
  draw_trouble(random, settings);
  settings.rows_at_first = draw_rows(random, settings.keys);
  if (seed % kSolvedPriceEvery == 0) draw_solved_days(random, settings);
  return settings;
}

std::string describe(const Settings& settings) {
  const auto percent = [](double chance) {
    return std::to_string(std::lround(chance * 100)) + "%";
  };
  return std::to_string(settings.processes) + " processes on " + std::to_string(settings.hosts) +
         " host(s), " + settings.time_zone + ", " + std::to_string(settings.calls_per_day) +
         " calls a day, " + std::to_string(settings.max_connections) + " connection(s), " +
         std::to_string(settings.rows_at_first.size()) + " data source(s), " +
         std::to_string(settings.limits.upserts) + "/" + std::to_string(settings.limits.deletes) +
         "/" + std::to_string(settings.limits.cell_updates) + "/" +
         std::to_string(settings.limits.replace_rows) + " rows a call, " +
         percent(settings.call_faults) + " of calls fail, " + percent(settings.crashes) +
         " of actions end in a kill" +
         (settings.price_row_seconds
              ? std::string()
              : ", solved price, " + std::to_string(settings.imports.size()) + " imports");
}

}  // namespace weir::simulation
