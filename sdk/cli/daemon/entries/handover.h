// Handover: gives the entries of a queue to their recipient, in order, until each is done or a dead
// letter.
//
// The first entry that waits is tried again after 1 s, doubling to 10 min, and nothing behind it is
// handed over meanwhile. When it was refused for good, or failed as often as allowed, it becomes a
// dead letter and the next one goes on; in strict order it stays, and a person decides. A batch
// that fails is halved until the entry that it fails on stands alone. For one thread at a time.
#pragma once

#include <weir/client.h>
#include <weir/clock.h>
#include <weir/entry_queue.h>
#include <weir/log.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "daemon/entries/recipient.h"

namespace weir::daemon {

// How long an entry rests after so many failed attempts in a row.
Milliseconds rest_after(std::int64_t failed_attempts);

struct HandoverOptions {
  std::string poll = {};  // what logs call it
  std::int64_t attempts = 20;
  bool is_strict = false;
  std::string org = {};  // where there are several
};

class Handover {
 public:
  struct Parts {
    EntryQueue queue;
    std::unique_ptr<Recipient> recipient;
    std::shared_ptr<Clock> clock;
    LogSink log;
  };

  Handover(HandoverOptions options, Parts parts);

  enum class Progress { kWorked, kIdle, kWaits, kNeedsPerson, kStopped };
  struct Step {
    Progress progress = Progress::kIdle;
    std::optional<TimePoint> next = {};  // of kWaits
  };

  // Hands the next batch over when one is due. An error is the store's; what was handed over then
  // is handed over again.
  Result<Step> step(const std::stop_token& stop, std::size_t most = 1'000'000);

  // Nothing is due for a while: the recipient gives its connections back.
  void rest() { parts_.recipient->rest(); }

  // Why the entry that waits first failed the last time; empty: it did not.
  const std::string& problem() const { return problem_; }
  std::int64_t done() const { return done_; }
  std::int64_t buried() const { return buried_; }
  std::int64_t failed() const { return failed_; }  // tries

 private:
  Result<Step> settle(std::span<const QueuedEntry> entries, const Handed& handed);
  Result<Step> settle_done(std::span<const QueuedEntry> entries);
  Result<Step> bury_or_stop(const QueuedEntry& entry, const std::string& reason);
  void log(LogLevel level, const std::string& text) const;

  const HandoverOptions options_;
  Parts parts_;
  std::size_t batch_;
  std::string problem_;
  std::int64_t done_ = 0;
  std::int64_t buried_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace weir::daemon
