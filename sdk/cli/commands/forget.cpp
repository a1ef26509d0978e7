#include <unistd.h>

#include <iostream>

#include "commands/commands.h"
#include "commands/known_names.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "signals.h"

namespace weir::cli {
namespace {

std::string counted_kept(const KeptOfSource& kept) {
  return counted(kept.waiting, "waiting change") + ", " +
         counted(kept.dead_letters, "dead letter") + " and what is known of " +
         counted(kept.rows, "row");
}

// Whoever is at a terminal is asked, a script says --yes.
bool is_meant(const std::string& what) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return false;
  return is_answered_by_yes(what);
}

std::string json_of(const KeptOfSource& kept) {
  return "{\"waiting\":" + std::to_string(kept.waiting) +
         ",\"dead_letters\":" + std::to_string(kept.dead_letters) +
         ",\"rows\":" + std::to_string(kept.rows) + "}";
}

}  // namespace

int forget(const SettingFlags& settings, const ForgetArguments& arguments,
           const OutputArguments& output) {
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kRows);
  if (!client) return fail(client.error(), output);
  if (Result<void> known = require_known_source(*client, arguments.source); !known)
    return fail(known.error(), output);
  const Result<KeptOfSource> kept = client->kept(arguments.source);
  if (!kept) return fail(kept.error(), output);
  const std::string what = "this removes " + counted_kept(*kept) + " of " +
                           printable(arguments.source) +
                           "; the platform's rows stay, and the next push is as the first one";
  if (!arguments.yes && !is_meant(what + ". Go on?")) {
    const Error refused{.code = ErrorCode::kInvalidArgument,
                        .message = what + ". Nothing was removed. If that is meant, add --yes"};
    return fail(refused, output), kUsage;
  }
  const Result<KeptOfSource> removed = client->forget(arguments.source);
  if (!removed) return fail(removed.error(), output);
  if (output.json) {
    std::cout << json_of(*removed) << '\n';
  } else if (!output.quiet) {
    std::cout << "Removed " << counted_kept(*removed) << " of " << printable(arguments.source)
              << ".\n";
  }
  return kOk;
}

}  // namespace weir::cli
