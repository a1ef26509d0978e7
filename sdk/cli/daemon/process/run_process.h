// Runs a program of the operator's, such as a handler or the command of a data source, to its end.
//
// It gets an argument list and no shell, a session and process group of its own, PATH, HOME and
// LANG of this process, and the variables it is given: never a key. Its memory here is bounded: the
// output is handed on as it comes, and of standard error the last 4 KiB are kept. When it ends,
// whatever it has left behind in its group ends too, and all of it is reaped. Thread-safe; several
// may run at once.
//
//   auto end = run_process({.command = {"/usr/local/bin/save"}, .input = entry.json});
//   if (end && end->exit_code == 0) ...
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::daemon {

struct ProcessOrder {
  std::vector<std::string> command = {};  // the program, looked for in PATH, then its arguments
  std::string input = {};                 // its standard input
  std::vector<std::pair<std::string, std::string>> environment = {};  // further variables
  // Takes its standard output in pieces, in the calling thread; false ends the program. Empty: the
  // output is read and forgotten.
  std::function<bool(std::string_view)> on_output = {};
  // After this the group gets SIGTERM, and SIGKILL when `patience` has passed as well.
  Milliseconds timeout = std::chrono::seconds{60};
  Milliseconds patience = std::chrono::seconds{5};
  // When a stop is requested the program may go on for `stop_grace`; then it ends as at a timeout.
  std::stop_token stop = {};
  Milliseconds stop_grace = {};
};

struct ProcessEnd {
  enum class Cause { kItself, kTimeout, kStop, kOutputRefused };
  Cause cause = Cause::kItself;
  int exit_code = 0;            // 128 and the signal when one ended it, as in a shell
  std::string last_words = {};  // the last 4 KiB of its standard error

  bool went_well() const { return cause == Cause::kItself && exit_code == 0; }
};

// What happened, for a person: "ended with exit code 3: no such table".
std::string shown(const ProcessEnd& end, Milliseconds timeout);

// kInvalidArgument: the program cannot be started (it is not there, or may not be executed).
// kUnavailable: the system gives no more processes or descriptors; try again.
Result<ProcessEnd> run_process(const ProcessOrder& order);

// Reaps what programs have started in sessions of their own and left to this process. To be called
// now and then, and only by a program that starts all its children by run_process().
void reap_strays();

}  // namespace weir::daemon
