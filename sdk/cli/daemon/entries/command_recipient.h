// The handler that is a program: one entry, or with batch = N several as NDJSON, on its standard
// input. Exit 0: done; 65: never; any other end: again.
#pragma once

#include <memory>

#include "daemon/entries/recipient.h"

namespace weir::daemon {

// The exit code of a program that can never handle an entry: EX_DATAERR of sysexits.h.
inline constexpr int kNeverExitCode = 65;

Result<std::unique_ptr<Recipient>> command_recipient(const PollConfig& poll,
                                                     const CommandHandler& handler,
                                                     RecipientParts parts);

}  // namespace weir::daemon
