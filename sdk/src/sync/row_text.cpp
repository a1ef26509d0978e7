#include "sync/row_text.h"

#include <optional>

#include "rows/cells_codec.h"
#include "text/json_string.h"

namespace weir::sync {

bool append_row(std::string& json, std::string_view cells) {
  std::optional<std::string_view> left = outbox::checked_cells(cells);
  if (!left) return false;
  json += '[';
  for (bool first = true; !left->empty(); first = false) {
    const auto cell = outbox::take_cell(*left);
    if (!cell) return false;
    if (!first) json += ',';
    if (!text::append_json_string(json, *cell)) return false;
  }
  json += ']';
  return true;
}

}  // namespace weir::sync
