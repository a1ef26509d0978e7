// EntryQueue: entries that a program has taken over from a poll and hands on by itself, at its own
// pace: the waiting entries, their tries, and the dead letters.
//
// Obtained from Client::entry_queue(); cheap to copy, safe to use from several threads, and must
// not outlive its Client. Everything is durable when a function returns, shared by all processes of
// the store, and costs no call. Who hands on takes a Client::claim() first, so that one does.
//
//   auto queue = client->entry_queue("INSPECTION");
//   auto poll = client->form_entries("INSPECTION").poll([&](const weir::FormEntry& entry) {
//     return queue.keep({{entry.id, entry.json, entry.received}});
//   });
#pragma once

#include <weir/clock.h>
#include <weir/export.h>
#include <weir/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::inline v0 {

class Core;

struct EntryToKeep {
  std::string id = {};    // empty: it is given one of its own
  std::string body = {};  // to be handed on
  TimePoint received = {};
};

struct QueuedEntry {
  std::int64_t number = 0;  // rises in the order of keeping, over all queues of a store
  std::string queue = {};
  std::string id = {};
  std::string body = {};  // empty in a list
  TimePoint received = {};
  TimePoint kept_at = {};
  std::int64_t attempts = 0;  // that failed
  TimePoint due = {};         // not to be tried before
  std::string reason = {};    // of the last failure
  bool is_dead_letter = false;
};

struct EntryQueueState {
  std::int64_t waiting = 0;
  std::int64_t dead_letters = 0;
  TimePoint oldest_kept_at = {};  // of the waiting entries; zero when none waits
};

// A choice of dead letters, or of waiting entries. Empty members choose all.
struct EntryChoice {
  std::string queue = {};
  std::vector<std::string> ids = {};  // or numbers; to change entries, each must mean one alone
};

class WEIR_EXPORT EntryQueue {
 public:
  const std::string& name() const { return name_; }

  // Takes entries over, all or none, behind those that wait. One whose id is in the queue already,
  // waiting or as a dead letter, is left out. kOutboxFull: 100,000 wait. kInvalidArgument: an id or
  // a body is not valid UTF-8 text.
  Result<void> keep(const std::vector<EntryToKeep>& entries);

  // The first that wait, in order, whether due or not.
  Result<std::vector<QueuedEntry>> first(std::size_t most) const;

  // They were handed on; they are forgotten.
  Result<void> done(const std::vector<std::int64_t>& numbers);

  // One was tried and failed: it stays first, to be tried again at `due`. The reason may be any
  // bytes; it is kept as one line of 4,096 bytes at most.
  Result<void> failed(std::int64_t number, const std::string& reason, TimePoint due);

  // One can never be handed on, or was tried often enough: it is a dead letter.
  Result<void> bury(std::int64_t number, const std::string& reason);

  Result<EntryQueueState> state() const;

 private:
  friend class Client;
  EntryQueue(std::shared_ptr<Core> core, std::string name)
      : core_(std::move(core)), name_(std::move(name)) {}

  std::shared_ptr<Core> core_;
  std::string name_;
};

}  // namespace weir::inline v0
