// What `weir entries` prints: one JSON object or a table. Pure functions.
#pragma once

#include <weir/entry_queue.h>

#include <string>
#include <vector>

namespace weir::cli {

std::string entries_as_json(const std::vector<QueuedEntry>& entries);
// `zone`: of the organization, as zone_time() has it.
std::string entries_as_text(const std::vector<QueuedEntry>& entries, const std::string& zone);

}  // namespace weir::cli
