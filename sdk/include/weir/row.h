// Rows and changes, as a customer's system hands them to Weir. Plain values without threads.
//
// A row is its cells in the data source's column order; the first cell is the key, which is unique
// in the data source (docs/platform-facts.md, "Rows"). All cells are UTF-8 text; an empty cell is
// an empty string.
#pragma once

#include <weir/export.h>

#include <string>
#include <variant>
#include <vector>

namespace weir::inline v0 {

using Row = std::vector<std::string>;

// Inserts the row, or replaces the row that has its key.
struct Upsert {
  Row row;
};

// Deletes the row with this key.
struct Erase {
  std::string key;
};

struct CellUpdate {
  std::string column;  // name of the column, as in the data source's header
  std::string value;
};

// Changes some cells of an existing row and leaves the others alone.
struct SetCells {
  std::string key;
  std::vector<CellUpdate> cells;
};

using Change = std::variant<Upsert, Erase, SetCells>;

// The key of the row that a change is about.
WEIR_EXPORT const std::string& key_of(const Change& change);

}  // namespace weir::inline v0
