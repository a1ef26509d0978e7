// The rows that a command is given: --csv, --ndjson, or --sql with --query.
#pragma once

#include <weir/result.h>
#include <weir/row_source.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/commands.h"

namespace weir::cli {

// kInvalidArgument: not just one of them.
Result<void> check_rows(const RowsArguments& arguments);

// Where a file ends whose last line has no end, so that it may be cut off.
Result<std::optional<std::string>> place_without_end(const RowsArguments& arguments);

// The rows of another source; `found` becomes true, and must live as long, when one has the key 0.
std::unique_ptr<RowSource> noting_key_zero(std::unique_ptr<RowSource> rows, bool& found);
bool has_key_zero(const std::vector<Change>& changes);
void tell_of_key_zero();

// What to tell of a CSV file that may be cut off there, while its rows are taken.
std::string ends_without_line_break(const std::string& place);

// `known`: the columns that the data source has, as far as they are known. `allow_empty`: a file
// without anything in it is a table without rows. `may_change_columns`: as in RowSourceOptions.
std::unique_ptr<RowSource> rows_of(const RowsArguments& arguments,
                                   const std::vector<std::string>& known, bool allow_empty = false,
                                   bool may_change_columns = false);

}  // namespace weir::cli
