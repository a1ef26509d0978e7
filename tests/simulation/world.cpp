#include "simulation/world.h"

#include <utility>

#include "budget/org_calendar.h"

namespace weir::simulation {
namespace {

PlatformOptions platform_options(const Settings& settings) {
  return {.time_zone = settings.time_zone,
          .calls_per_day = settings.calls_per_day,
          .max_connections = settings.max_connections,
          .limits = settings.limits,
          .refuses_unknown_deletes = settings.refuses_unknown_deletes,
          .clock_ahead = settings.platform_ahead,
          .integration_key = kKey};
}

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  calls += other.calls;
  kills += other.kills;
  faults += other.faults;
  changes += other.changes;
  publishes += other.publishes;
  clock_jumps += other.clock_jumps;
  host_restarts += other.host_restarts;
  dead_letters += other.dead_letters;
  transactions += other.transactions;
  steps += other.steps;
  return *this;
}

World::World(Settings drawn, bool prints, SeededBug seeded)
    : settings(std::move(drawn)),
      bug(seeded),
      random(settings.seed),
      scheduler(settings.start),
      trace(scheduler, prints),
      store_faults(settings.store_faults),
      call_faults(settings.call_faults),
      model(settings.rows_at_first),
      platform(platform_options(settings), model, trace, scheduler, settings.rows_at_first,
               [this](const std::string& day) {
                 return database.number("SELECT used FROM org_days WHERE org_day = $1", {day});
               }),
      spending(static_cast<std::int64_t>(settings.rows_at_first.size()) * settings.processes,
               settings.calls_per_day) {}

std::int64_t World::waiting_rows_but_refused_ones() {
  std::int64_t waiting = database.number("SELECT count(*) FROM outbox");
  for (const std::string& source : model.names()) {
    for (const auto& [key, row] : model.rows(source))
      if (model.is_tainted(source, key) && is_waiting(source, key)) --waiting;
  }
  return waiting;
}

bool World::is_waiting(const std::string& source, const std::string& key) {
  return database.number("SELECT count(*) FROM outbox WHERE source = $1 AND row_key = $2",
                         {source, key}) > 0;
}

DayNow World::day_now() const {
  return {.day = platform.today(),
          .calls_left = settings.calls_per_day - platform.calls_of_today(),
          .until_midnight = until_midnight()};
}

void World::note_automatic_call() {
  if (settings.price_row_seconds || is_over) return;
  if (const auto wrong = spending.call(day_now(), scheduler.now())) trace.violate("I10", *wrong);
}

void World::look_at_waiting() {
  if (settings.price_row_seconds || is_over) return;
  const bool rows_wait = database.number("SELECT count(*) FROM outbox") > 0;
  if (const auto wrong = spending.look(day_now(), rows_wait, scheduler.now()))
    trace.violate("I10", *wrong);
}

Milliseconds World::until_midnight() const {
  const TimePoint now = scheduler.now() + settings.platform_ahead;
  return budget::OrgCalendar::open(settings.time_zone)->next_reset(now) - now;
}

void World::log(int process, std::string_view line) {
  if (line.find(kKey) != std::string_view::npos)
    trace.violate("I8", "a log line holds the integration key");
  trace.show("P", process, " logs: ", line);
}

void World::forget_spent_call() {
  database.number(
      "UPDATE org_days SET used = used - 1 WHERE org_day = $1 AND used > 0 RETURNING used",
      {platform.today()});
}

void World::lose_newest_change() {
  database.number(
      "DELETE FROM outbox WHERE (source, row_key) IN "
      "(SELECT source, row_key FROM outbox ORDER BY stale_since_ms DESC, order_number DESC LIMIT "
      "1) "
      "RETURNING 1",
      {});
}

void World::kill(Life& life) {
  if (life.is_dead) return;
  life.die();
  scheduler.wake(*life.fiber);
}

}  // namespace weir::simulation
