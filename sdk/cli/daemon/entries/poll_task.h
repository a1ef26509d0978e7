// A poll of weir.toml as a task of the daemon: it has the SDK look for entries, takes them over
// into the queue of the poll's name, and hands them to the poll's handler.
//
// Looking and handing over do not wait for each other: what a look has found is durable in the
// queue before the look counts. One process at a time works on a form or data source.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/entries/handler_slots.h"
#include "daemon/entries/receiver.h"
#include "daemon/loop/task.h"

namespace weir::daemon {

// What the polls of a daemon share.
struct PollParts {
  std::shared_ptr<HandlerSlots> slots = {};
  std::shared_ptr<Receiver> receiver = {};  // null: no deliveries of form connectors are taken
};

class PollTask : public Task {
 public:
  // The next Client::poll_due() looks, whatever a look is worth. Without effect before the first
  // turn. Not while it runs, as what follows.
  virtual void want_look() = 0;
  // No Client::poll_due() looks any more, until its next turn.
  virtual void end_looks() = 0;

  // Where its last turn has left it.
  virtual Stand stand() const = 0;
  // Why the last look, or the store, failed.
  virtual std::optional<Error> failure() const = 0;
  // Entries since it was made: those that the handler has taken, and new dead letters.
  virtual std::int64_t handed_over() const = 0;
  virtual std::int64_t buried() const = 0;
};

// `wake` asks for a turn of this task. kInvalidConfig: the handler cannot be used. `poll` must
// outlive the task.
Result<std::unique_ptr<PollTask>> make_poll_task(const PollConfig& poll, const OrgParts& parts,
                                                 PollParts shared, Waker wake);

// The name of the claim that a process holds while it polls this; also that of `weir poll`.
std::string poll_claim(const PollConfig& poll);

// Begins to poll: what is found is kept in the queue, and then `found` is called.
Result<Poll> begin_poll(const PollConfig& poll, Client& client, const std::function<void()>& found);

// A queue in which entries wait that nobody hands over: its poll has another name in weir.toml now,
// or is there no more.
struct LeftBehind {
  std::string queue = {};
  std::int64_t waiting = 0;
  std::string what_to_do = {};
};
inline constexpr const char* kLeftBehind =
    "no poll of weir.toml has this name, so nobody hands over what waits";

// That of `weir poll` is one as soon as a poll of weir.toml has its form or data source, for then
// `weir poll` refuses to run. Reads the whole list of entries.
Result<std::vector<LeftBehind>> left_behind(const Client& client, const OrgConfig& config);

}  // namespace weir::daemon
