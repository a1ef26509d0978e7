// The part of the core that looks after queues of entries (weir/entry_queue.h).
#include "client/core.h"
#include "polling/queued_entries.h"

namespace weir {

Result<void> Core::keep_entries(const std::string& queue, const std::vector<EntryToKeep>& entries) {
  if (Result<void> named = require_name("queue", queue); !named) return named;
  return store_.database->add([&](store::Statements& sql) {
    return polling::keep_entries(sql, queue, entries, clock_->now());
  });
}

Result<std::vector<QueuedEntry>> Core::first_entries(const std::string& queue, std::size_t most) {
  if (Result<void> named = require_name("queue", queue); !named) return named.error();
  return store_.database->read([&](store::Statements& sql) -> Result<std::vector<QueuedEntry>> {
    return polling::first_entries(sql, queue, most);
  });
}

Result<void> Core::change_entries(const std::string& queue,
                                  const std::function<void(store::Statements&)>& change) {
  if (Result<void> named = require_name("queue", queue); !named) return named;
  return store_.database->write([&](store::Statements& sql) -> Result<void> {
    change(sql);
    return {};
  });
}

Result<EntryQueueState> Core::entries_state(const std::string& queue) {
  if (Result<void> named = require_name("queue", queue); !named) return named.error();
  return store_.database->read([&](store::Statements& sql) -> Result<EntryQueueState> {
    return polling::queue_state(sql, queue);
  });
}

Result<std::vector<QueuedEntry>> Core::list_entries(const EntryChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return store_.database->read([&](store::Statements& sql) -> Result<std::vector<QueuedEntry>> {
    return polling::list_entries(sql, choice);
  });
}

Result<std::int64_t> Core::retry_entries(const EntryChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return store_.database->write([&](store::Statements& sql) -> Result<std::int64_t> {
    return polling::retry_entries(sql, choice, clock_->now());
  });
}

Result<std::int64_t> Core::drop_entries(const EntryChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return store_.database->write([&](store::Statements& sql) -> Result<std::int64_t> {
    return polling::drop_entries(sql, choice);
  });
}

}  // namespace weir
