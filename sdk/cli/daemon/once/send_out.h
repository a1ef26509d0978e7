// Sending what waits for one data source, at any price, as a person who waits for it does.
#pragma once

#include <weir/client.h>

namespace weir::daemon {

// The time limit is for a platform that does not answer, not for many batches: it begins anew with
// each success. `total` has what was done, also after an error.
Result<void> send_out(DataSource source, Milliseconds wait, SendReport& total);

}  // namespace weir::daemon
