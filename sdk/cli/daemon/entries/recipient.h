// Recipient: who gets the entries of a poll: a command, a webhook, a table or a file, as the poll's
// handler in weir.toml says. Each has one verdict for what it is given; who gets what again, and
// when, is decided by the handover (daemon/entries/handover.h).
//
// For one thread at a time.
#pragma once

#include <weir/clock.h>
#include <weir/entry_queue.h>
#include <weir/log.h>
#include <weir/result.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "daemon/config/poll_config.h"

namespace weir::daemon {

enum class HandlerAnswer {
  kDone,
  kAgain,    // it failed, and may work later
  kNever,    // it was refused for good
  kStopped,  // ended because Weir stops: no attempt
};

struct Handed {
  HandlerAnswer verdict = HandlerAnswer::kDone;
  std::string reason = {};  // of all but kDone
  // What the recipient asks to wait, at least.
  std::optional<Milliseconds> rest = {};
};

class Recipient {
 public:
  virtual ~Recipient() = default;

  // How many entries it takes at once.
  virtual std::size_t batch() const { return 1; }

  // Gives it one entry, or several that are done together or not at all. After a stop is requested
  // it may go on for as long as it was told when it was made.
  virtual Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token stop) = 0;

  // Nothing more comes for a while: connections are given back.
  virtual void rest() {}

 protected:
  Recipient() = default;
  Recipient(const Recipient&) = default;
  Recipient& operator=(const Recipient&) = default;
};

// What recipients are told of their poll.
struct RecipientParts {
  std::string org = {};
  std::shared_ptr<Clock> clock = {};
  LogSink log = {};
  Milliseconds stop_grace = {};  // how long a handler may go on after a stop was requested
};

// Checks the handler's settings, and reaches nothing yet. kInvalidConfig, kInvalidArgument: what is
// wrong with them.
Result<std::unique_ptr<Recipient>> make_recipient(const PollConfig& poll, RecipientParts parts);

}  // namespace weir::daemon
