// The handler that is a file: each entry is a line of NDJSON, on the disk before it counts as done.
//
// A last line that was torn, by a power loss or a kill, is cut off when the file is opened; its
// entry is handed over again. The file is held by a lock while it is open, so that two programs do
// not mix their lines. It is rotated by age or size; one that another program has moved away is
// begun anew.
#pragma once

#include <memory>

#include "daemon/entries/recipient.h"

namespace weir::daemon {

Result<std::unique_ptr<Recipient>> append_recipient(const AppendHandler& handler,
                                                    RecipientParts parts);

}  // namespace weir::daemon
