// Process: a customer's integration in a simulated process: it hands over changes and snapshots,
// lets the real Core send, is killed and started again.
//
// It runs in a fiber until the world is over. What it has been told is kept goes to the model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/core.h"
#include "simulation/wire.h"
#include "simulation/world.h"

namespace weir::simulation {

class Process {
 public:
  Process(World& world, int number, Host& host) : world_(world), number_(number), host_(host) {}

  // The body of its fiber.
  void run();

  // After the end: hands over what is uncertain and sends all that waits, however many days it
  // takes.
  void finish();

  // The life it lives now; null between two.
  Life* life() const { return life_; }
  const Host& host() const { return host_; }

 private:
  void live();
  void work(Core& core);
  Life& begin_life();
  Result<std::shared_ptr<Core>> open_core(Life& life);
  void rest(const Result<std::optional<TimePoint>>& next);
  void plan_death();

  void act(Core& core);
  void hand_over_changes(Core& core, const std::string& source);
  void keep(Core& core, const std::string& source, const std::vector<Change>& changes);
  const Import* import() const;
  TimePoint next_import_row() const;
  void hand_over_imports(Core& core);
  void hand_over_snapshot(Core& core, const std::string& source);
  void send(Core& core);
  void ask(Core& core, const std::string& source);
  void settle_uncertain(Core& core);

  World& world_;
  const int number_;
  Host& host_;
  Life* life_ = nullptr;
  std::shared_ptr<Wire> wire_;
  TimePoint next_action_ = {};
  std::size_t next_import_ = 0;
  std::int64_t rows_imported_ = 0;  // of that one
  Milliseconds longest_nap_{1000};
};

}  // namespace weir::simulation
