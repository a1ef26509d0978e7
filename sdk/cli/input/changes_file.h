// The file of `weir apply`: changes, in CSV or, by its extension .ndjson or .jsonl, in NDJSON. It
// is read and checked whole; later lines win.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace weir::cli {

struct ChangesFile {
  std::string name = {};
  std::vector<Change> changes = {};
  std::vector<std::size_t> lines = {};  // where each change begins
};

// CSV: a column `op` with upsert (all cells) or delete (the key only). NDJSON: op may also be set
// (the key and the named cells). `key` names the key column; without it, the first column or member
// that is not op.
Result<ChangesFile> read_changes(const std::string& path, const std::optional<std::string>& key);

}  // namespace weir::cli
