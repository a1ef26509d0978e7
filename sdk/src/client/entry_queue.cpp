#include <weir/entry_queue.h>

#include "client/core.h"
#include "polling/queued_entries.h"

namespace weir {

Result<void> EntryQueue::keep(const std::vector<EntryToKeep>& entries) {
  return core_->keep_entries(name_, entries);
}

Result<std::vector<QueuedEntry>> EntryQueue::first(std::size_t most) const {
  return core_->first_entries(name_, most);
}

Result<void> EntryQueue::done(const std::vector<std::int64_t>& numbers) {
  return core_->change_entries(
      name_, [&](store::Statements& sql) { polling::forget_entries(sql, name_, numbers); });
}

Result<void> EntryQueue::failed(std::int64_t number, const std::string& reason, TimePoint due) {
  return core_->change_entries(
      name_, [&](store::Statements& sql) { polling::note_failure(sql, number, reason, due); });
}

Result<void> EntryQueue::bury(std::int64_t number, const std::string& reason) {
  return core_->change_entries(
      name_, [&](store::Statements& sql) { polling::bury_entry(sql, number, reason); });
}

Result<EntryQueueState> EntryQueue::state() const { return core_->entries_state(name_); }

}  // namespace weir
