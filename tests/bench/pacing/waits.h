// Waits: how exactly `sent_by` (Client::why()) says when what waits will be sent. It is asked when
// a wait begins and every minute from then on, on virtual time, and held against the real time.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <string>

#include "recording.h"

namespace weir::bench {

void print_waits_heading();

// A line of the table: of all waits that end on the second day or later.
Result<void> print_waits(const std::string& name, const Recording& recording, std::int64_t calls);

}  // namespace weir::bench
