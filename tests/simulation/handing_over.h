// What an integration hands over: changes and snapshots drawn at random from the state of its
// source. Every value is new, so that the platform's rows tell which change they come from.
#pragma once

#include <weir/row.h>

#include <string>
#include <vector>

#include "simulation/model.h"
#include "simulation/random.h"

namespace weir::simulation {

struct Drawing {
  Random& random;
  const Model& model;
  int keys = 20;
  double bad_cells = 0;
};

// One row of an import, whose keys are its own.
Change draw_import_row(const Drawing& drawing, std::int64_t number);

std::vector<Change> draw_changes(const Drawing& drawing, const std::string& source);

std::vector<Row> draw_snapshot(const Drawing& drawing, const std::string& source);

}  // namespace weir::simulation
