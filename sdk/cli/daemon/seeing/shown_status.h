// What is seen of a daemon has no cell and no key of a row: the words of others, which may quote
// them, are left out, and a person is told where they are to be had.
#pragma once

#include "daemon/seeing/status.h"

namespace weir::daemon {

Status without_foreign_words(Status status);

}  // namespace weir::daemon
