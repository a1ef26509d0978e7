// The rows that a command is given: --csv, --ndjson, or --sql with --query.
#pragma once

#include <weir/result.h>
#include <weir/row_source.h>

#include <memory>

#include "commands/commands.h"

namespace weir::cli {

// kInvalidArgument: not just one of them.
Result<void> check_rows(const RowsArguments& arguments);

std::unique_ptr<RowSource> rows_of(const RowsArguments& arguments);

}  // namespace weir::cli
