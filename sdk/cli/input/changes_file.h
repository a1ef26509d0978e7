// The file of `weir apply`: changes, in CSV or NDJSON, as its extension says or, where it has none
// that does, its first sign. It is read and checked whole; later lines win.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "input/text_format.h"

namespace weir::cli {

struct ChangesFile {
  std::string name = {};
  std::vector<Change> changes = {};
  std::vector<std::size_t> lines = {};       // where each change begins
  std::optional<std::size_t> open_end = {};  // CSV: the last line, when it has no line break
  std::string doubt = {};                    // of the encoding; mostly empty
  // Where no columns are known: those that the upserts have, the key first; none without an upsert.
  std::vector<std::string> columns = {};
  // Where no key is known and none was named: what is taken for it.
  std::optional<std::string> guessed_key = {};
};

// The columns of the data source, where the store knows them.
struct KnownColumns {
  std::vector<std::string> names = {};  // the key first; empty: not known
  bool fill_empty = false;              // an upsert may leave some out: their cells become empty
  bool are_certain = true;              // else an earlier file of changes has named them
};

// Cells go by name: to where the known columns are, or, where none are known, those of the first
// upsert. A name that is not among them is an error that lists them, and so is an upsert that lacks
// one of them.
//
// CSV: a column `op` with upsert (all cells) or delete (the key only). NDJSON: op may also be set
// (the key and the named cells). `key` names the key column; without it, the first column or member
// that is not op; where the columns are known, their first.
Result<ChangesFile> read_changes(const std::string& path, const std::optional<std::string>& key,
                                 const TextFormat& format = {}, const KnownColumns& known = {});

}  // namespace weir::cli
