// What the weir command's exit codes mean; the one table (docs/cli.md repeats it for users).
#pragma once

#include <weir/error.h>

namespace weir::cli {

enum ExitCode : int {
  kOk = 0,
  kOtherFailure = 1,
  kUsage = 2,
  kConfig = 3,
  kAuthentication = 4,
  kBudgetExhausted = 5,
  kService = 6,
  kPartial = 7,  // some rows went to the dead letters
  kStore = 8,
  kDifferent = 9,  // weir diff --exit-code has found a difference
};

ExitCode exit_code_of(ErrorCode code);

}  // namespace weir::cli
