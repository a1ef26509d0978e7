// What `weir run --once` and `--dry-run` print, and how they end. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "daemon/once/run_once.h"
#include "exit_code.h"

namespace weir::cli {

struct OnceReport {
  std::vector<daemon::OrgOutcome> orgs = {};
  bool is_dry = false;
};

// One object.
std::string as_json(const OnceReport& report);
// A line for each data source and poll, with a line break at the end of each.
std::string as_text(const OnceReport& report);
// The same for what failed and what is held: for standard error.
std::string problems_of(const OnceReport& report);

// Of several things that are wrong, the one that a person must see to first: settings, the key, the
// store, other failures such as a file that cannot be read or a table that is held, the platform, a
// spent day, and rows or entries that were refused.
ExitCode exit_code_of(const OnceReport& report);

}  // namespace weir::cli
