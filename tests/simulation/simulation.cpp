#include "simulation/simulation.h"

#include <memory>
#include <utility>
#include <vector>

#include "simulation/process.h"

namespace weir::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Simulation {
 public:
  Simulation(std::uint64_t seed, bool prints, SeededBug bug)
      : world_(draw_settings(seed), prints, bug) {}

  Outcome play();

 private:
  void start_hosts();
  void start_processes();
  void repeat(Milliseconds mean, void (Simulation::*what)());
  void jump_clock();
  void restart_host();
  void lose_session();
  void spend_outside();
  void end_week();
  void end_fibers();
  void check_end();
  void check_row(const std::string& source, const std::string& key);

  World world_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Fiber*> fibers_;
  int hosts_started_ = 0;
};

Outcome Simulation::play() {
  world_.trace.note("seed ", world_.settings.seed, ": ", describe(world_.settings));
  start_hosts();
  start_processes();
  repeat(world_.settings.between_clock_jumps, &Simulation::jump_clock);
  repeat(world_.settings.between_host_restarts, &Simulation::restart_host);
  repeat(world_.settings.between_lost_sessions, &Simulation::lose_session);
  if (world_.settings.others_spend_too) repeat(hours{5}, &Simulation::spend_outside);
  world_.scheduler.at(world_.settings.start + world_.settings.length, [this] { end_week(); });
  world_.scheduler.run();
  if (!world_.trace.violation()) {
    fibers_.push_back(&world_.scheduler.start([this] { processes_.front()->finish(); }));
    world_.scheduler.run();
  }
  if (!world_.trace.violation()) check_end();
  end_fibers();
  world_.counts.calls = world_.platform.calls();
  world_.counts.steps = static_cast<std::int64_t>(world_.scheduler.steps());
  return {.seed = world_.settings.seed,
          .hash = world_.trace.hash(),
          .violation = world_.trace.violation(),
          .counts = world_.counts};
}

void Simulation::start_hosts() {
  for (int i = 0; i < world_.settings.hosts; ++i) {
    Host& host = world_.hosts.emplace_back();
    host.id = "host-" + std::to_string(++hosts_started_);
    host.wall_ahead = world_.random.between(Milliseconds{-150'000}, Milliseconds{150'000});
    host.started = world_.settings.start - world_.random.between(Milliseconds{0}, hours{500});
  }
}

void Simulation::start_processes() {
  for (int i = 0; i < world_.settings.processes; ++i) {
    Host& host = world_.hosts[static_cast<std::size_t>(i % world_.settings.hosts)];
    processes_.push_back(std::make_unique<Process>(world_, i + 1, host));
    fibers_.push_back(
        &world_.scheduler.start([process = processes_.back().get()] { process->run(); }));
  }
}

void Simulation::repeat(Milliseconds mean, void (Simulation::*what)()) {
  if (mean <= Milliseconds{0} || world_.is_over) return;
  world_.scheduler.at(world_.scheduler.now() + world_.random.until_next(mean), [this, mean, what] {
    if (world_.is_over) return;
    (this->*what)();
    repeat(mean, what);
  });
}

// Somebody sets a wall clock, by seconds or by days. A host that has not yet heard the platform's
// time may be trusted to five minutes only, so its clock is left alone.
void Simulation::jump_clock() {
  Host& host = world_.hosts[static_cast<std::size_t>(
      world_.random.between(0, static_cast<std::int64_t>(world_.hosts.size()) - 1))];
  if (world_.database.number("SELECT count(*) FROM server_clocks WHERE host = $1", {host.id}) == 0)
    return;
  static const std::vector<Milliseconds> kJumps = {seconds{1}, minutes{4}, hours{1}, hours{24},
                                                   hours{24 * 365}};
  const Milliseconds jump = world_.random.pick(kJumps);
  host.wall_ahead += world_.random.chance(0.5) ? jump : -jump;
  ++world_.counts.clock_jumps;
  world_.trace.note("the wall clock of ", host.id, " is ", host.wall_ahead.count(), " ms ahead");
}

void Simulation::restart_host() {
  Host& host = world_.hosts[static_cast<std::size_t>(
      world_.random.between(0, static_cast<std::int64_t>(world_.hosts.size()) - 1))];
  world_.trace.note(host.id, " is restarted");
  for (const auto& process : processes_) {
    if (&process->host() == &host && process->life() != nullptr) world_.kill(*process->life());
  }
  host.id = "host-" + std::to_string(++hosts_started_);
  host.started = world_.scheduler.now();
  host.wall_ahead = world_.random.between(Milliseconds{-150'000}, Milliseconds{150'000});
  ++world_.counts.host_restarts;
}

// The database server takes the locks of a process that works on.
void Simulation::lose_session() {
  const auto number = static_cast<std::size_t>(
      world_.random.between(0, static_cast<std::int64_t>(processes_.size()) - 1));
  const Life* life = processes_[number]->life();
  if (life == nullptr || life->is_dead) return;
  world_.trace.note("the session of P", life->process, " is lost");
  world_.locks.release_all(life);
}

void Simulation::spend_outside() {
  world_.platform.spend_outside(
      world_.random.between(1, std::max<std::int64_t>(1, world_.settings.calls_per_day / 4)));
}

void Simulation::end_week() {
  world_.is_over = true;
  world_.call_faults = 0;
  world_.store_faults = {};
  for (const auto& process : processes_) {
    if (process->life() == nullptr) continue;
    process->life()->seams_left = -1;
    process->life()->dies_in_call = false;
  }
}

// Where a rule was broken, processes stand in the middle of something: they end as by a kill.
void Simulation::end_fibers() {
  for (const auto& process : processes_) {
    if (process->life() != nullptr) process->life()->is_dead = true;
  }
  for (Fiber* fiber : fibers_) {
    for (int i = 0; i < 1000 && !fiber->is_finished(); ++i) world_.scheduler.wake(*fiber);
  }
}

void Simulation::check_end() {
  for (const std::string& source : world_.model.names()) {
    std::set<std::string> keys;
    for (const auto& [key, row] : world_.model.rows(source)) keys.insert(key);
    for (const auto& [key, row] : world_.platform.rows(source)) keys.insert(key);
    for (const std::string& key : keys) check_row(source, key);
  }
  const std::int64_t waiting = world_.waiting_rows_but_refused_ones();
  if (waiting != 0) world_.trace.violate("I4", std::to_string(waiting) + " changes still wait");
  world_.counts.dead_letters = world_.database.number("SELECT count(*) FROM dead_letters");
  if (const std::string state = world_.database.integrity(); state != "ok")
    world_.trace.violate("I9", "the store is damaged: " + state);
}

void Simulation::check_row(const std::string& source, const std::string& key) {
  const Table& wanted = world_.model.rows(source);
  const Table& found = world_.platform.rows(source);
  const auto wanted_row = wanted.find(key);
  const auto found_row = found.find(key);
  const auto text = [](const Table& table, Table::const_iterator row) {
    return row == table.end() ? std::string("no row")
                              : "(" + row->second[1] + ", " + row->second[2] + ")";
  };
  if (text(wanted, wanted_row) == text(found, found_row)) return;
  const std::string what = "key " + key + " of " + source + " should be " +
                           text(wanted, wanted_row) + " and is " + text(found, found_row);
  if (!world_.model.is_tainted(source, key)) return world_.trace.violate("I4", what);
  const std::int64_t letters = world_.database.number(
      "SELECT count(*) FROM dead_letters WHERE source = $1 AND row_key = $2", {source, key});
  if (letters == 0 && !world_.is_waiting(source, key))
    world_.trace.violate("I3", what + ", and no dead letter says why");
}

}  // namespace

Outcome simulate(std::uint64_t seed, bool prints, SeededBug bug) {
  auto simulation = std::make_unique<Simulation>(seed, prints, bug);
  return simulation->play();
}

}  // namespace weir::simulation
