// The queues of entries (weir/entry_queue.h) as functions inside a transaction of the store.
#pragma once

#include <weir/entry_queue.h>

#include <cstdint>
#include <string>
#include <vector>

#include "store/database.h"

namespace weir::polling {

// A queue holds no more that waits.
inline constexpr std::int64_t kMostQueued = 100'000;

Result<void> keep_entries(store::Statements& sql, const std::string& queue,
                          const std::vector<EntryToKeep>& entries, TimePoint now);

std::vector<QueuedEntry> first_entries(store::Statements& sql, const std::string& queue,
                                       std::size_t most);

void forget_entries(store::Statements& sql, const std::string& queue,
                    const std::vector<std::int64_t>& numbers);

void note_failure(store::Statements& sql, std::int64_t number, const std::string& reason,
                  TimePoint due);

void bury_entry(store::Statements& sql, std::int64_t number, const std::string& reason);

EntryQueueState queue_state(store::Statements& sql, const std::string& queue);

// Without their bodies, in order.
std::vector<QueuedEntry> list_entries(store::Statements& sql, const EntryChoice& choice);

// Dead letters wait again, as the first of their queue and as if never tried; what waits is due at
// once. Returns how many. kInvalidArgument: an id means several entries; nothing was changed.
Result<std::int64_t> retry_entries(store::Statements& sql, const EntryChoice& choice,
                                   TimePoint now);

// Dead letters go; chosen by id, also what waits. Otherwise as retry_entries().
Result<std::int64_t> drop_entries(store::Statements& sql, const EntryChoice& choice);

}  // namespace weir::polling
