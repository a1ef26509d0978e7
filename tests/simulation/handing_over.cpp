#include "simulation/handing_over.h"

#include <utility>

namespace weir::simulation {
namespace {

std::string draw_key(const Drawing& drawing) {
  return "k" + std::to_string(drawing.random.between(1, drawing.keys));
}

std::string draw_cell(const Drawing& drawing) {
  Random& random = drawing.random;
  if (random.chance(drawing.bad_cells)) return kBadCell;
  if (random.chance(0.05)) return "";
  return "v" + std::to_string(random.next() % 100'000'000);
}

Row draw_row(const Drawing& drawing, const std::string& key) {
  return {key, draw_cell(drawing), draw_cell(drawing)};
}

// A row may also be set back to what it was before.
Change draw_change(const Drawing& drawing, const std::string& source, const Table& rows) {
  Random& random = drawing.random;
  const std::string key = draw_key(drawing);
  const auto there = rows.find(key);
  const double kind = random.unit();
  if (there == rows.end()) {
    if (kind < 0.2) return Erase{key};
    return Upsert{draw_row(drawing, key)};
  }
  if (kind < 0.25) return Erase{key};
  if (kind < 0.5 && !drawing.model.is_tainted(source, key)) {
    SetCells set{.key = key, .cells = {{.column = "a", .value = draw_cell(drawing)}}};
    if (random.chance(0.3)) set.cells.push_back({.column = "b", .value = draw_cell(drawing)});
    return set;
  }
  if (kind < 0.6) return Upsert{there->second};
  return Upsert{draw_row(drawing, key)};
}

}  // namespace

Change draw_import_row(const Drawing& drawing, std::int64_t number) {
  return Upsert{draw_row(drawing, "i" + std::to_string(number))};
}

std::vector<Change> draw_changes(const Drawing& drawing, const std::string& source) {
  Table rows = drawing.model.rows(source);
  std::vector<Change> changes;
  for (std::int64_t left = drawing.random.between(1, 5); left > 0; --left) {
    Change change = draw_change(drawing, source, rows);
    if (const auto* upsert = std::get_if<Upsert>(&change)) rows[upsert->row.front()] = upsert->row;
    if (const auto* erase = std::get_if<Erase>(&change)) rows.erase(erase->key);
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<Row> draw_snapshot(const Drawing& drawing, const std::string& source) {
  Random& random = drawing.random;
  std::vector<Row> rows;
  Table left = drawing.model.rows(source);
  for (std::int64_t changes = random.between(0, 5); changes > 0; --changes) {
    const std::string key = draw_key(drawing);
    if (random.chance(0.3)) {
      left.erase(key);
    } else {
      left[key] = draw_row(drawing, key);
    }
  }
  for (auto& [key, row] : left) rows.push_back(std::move(row));
  return rows;
}

}  // namespace weir::simulation
