// Names that a person may have mistyped: a command that finds nothing under a wrong name must not
// look as if all were done.
#pragma once

#include <weir/client.h>

#include <string>
#include <vector>

#include "commands/commands.h"

namespace weir::cli {

// kInvalidArgument: nothing is known under this name; the message names those that are.
Result<void> require_known_source(const Client& client, const std::string& source);

// Polls of weir.toml, and those of which entries are in the store.
Result<void> require_known_poll(const Client& client, const SettingFlags& settings,
                                const std::string& poll);

// "there is no dead letter 99; there are 3 and 7". `what`: the thing with its name.
Error unknown_name(const std::string& what, const std::vector<std::string>& known);

}  // namespace weir::cli
