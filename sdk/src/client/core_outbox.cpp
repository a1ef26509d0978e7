// The part of the core that looks after what waits and what was refused.
#include <algorithm>
#include <map>

#include "client/core.h"
#include "outbox/notes.h"

namespace weir {

Result<OutboxContents> Core::outbox() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<OutboxContents> contents = outbox_.list();
  if (!contents || contents->waiting.empty()) return contents;
  const Result<std::map<std::string, TimePoint>> sent_by = pushes_.sent_by();
  if (!sent_by) return sent_by.error();
  for (WaitingChanges& waiting : contents->waiting) {
    if (const auto time = sent_by->find(waiting.source); time != sent_by->end())
      waiting.sent_by = time->second;
    if (waiting.halted_until.value_or(TimePoint::max()) > clock_->now()) continue;
    waiting.halted_by.clear();
    waiting.halted_until.reset();
  }
  return contents;
}

// What this process does not know is asked of the store: dead letters, and what others do.
Result<WaitReason> Core::why(const std::string& source) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  Result<WaitReason> reason = pushes_.why(source);
  if (!reason) return reason;
  if (reason->limited_by == LimitedBy::kNothingWaits) return amiss_or(*reason, source);
  if (reason->limited_by == LimitedBy::kDaySpent) return reason;
  const TimePoint now = clock_->now();
  const Result<std::vector<HaltedSource>> halts = outbox_.halts(now);
  if (!halts) return halts.error();
  for (const HaltedSource& halt : *halts) {
    if (!halt.source.empty() && halt.source != source) continue;
    // A rest of this process may end before what it rests for is tried again.
    if (reason->limited_by == LimitedBy::kRest && halt.until <= reason->sent_by) continue;
    reason->limited_by = LimitedBy::kRest;
    reason->failure = halt.reason;
    reason->sent_by = std::max(reason->sent_by.value_or(now), halt.until);
    reason->deadline_instead.reset();
    return reason;
  }
  if (reason->limited_by != LimitedBy::kConnection || !reason->failure.empty()) return reason;
  const Result<int> writers = leases_.held({budget::writer_lease_name(source)});
  if (!writers) return writers.error();
  if (*writers > 0) reason->limited_by = LimitedBy::kWriter;
  return reason;
}

Result<WaitReason> Core::amiss_or(WaitReason nothing_waits, const std::string& source) {
  const Result<outbox::Kept> kept = outbox_.kept(source);
  if (!kept) return kept.error();
  if (kept->dead_letters > 0) {
    nothing_waits.limited_by = LimitedBy::kSetAside;
  } else if (kept->doubt != outbox::Doubt::kNone) {
    nothing_waits.limited_by =
        kept->doubt == outbox::Doubt::kPutBack ? LimitedBy::kPutBack : LimitedBy::kOthers;
  }
  return nothing_waits;
}

Result<std::int64_t> Core::retry(const DeadLetterChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const Result<TimePoint> now = shared_clock_.now();
  if (!now) return now.error();
  Result<std::int64_t> retried = outbox_.retry(choice, *now);
  if (retried) pushes_.hint();
  return retried;
}

Result<std::int64_t> Core::drop(const DeadLetterChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return outbox_.drop(choice);
}

// As the writer, so that no call is under way whose end would settle what is gone.
Result<std::int64_t> Core::discard(const std::string& source) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  const Result<budget::Lease> writer = comparing_.take_writer(source, context());
  if (!writer) return writer.error();
  return outbox_.discard(source, clock_->now());
}

namespace {

KeptOfSource as_public(const outbox::Kept& kept) {
  return {.waiting = kept.waiting, .dead_letters = kept.dead_letters, .rows = kept.rows};
}

}  // namespace

Result<std::vector<std::string>> Core::known_sources() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return outbox_.known_sources();
}

Result<KeptOfSource> Core::kept(const std::string& source) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  return outbox_.kept(source).transform(as_public);
}

// As the writer, like discard().
Result<KeptOfSource> Core::forget(const std::string& source) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  const Result<budget::Lease> writer = comparing_.take_writer(source, context());
  if (!writer) return writer.error();
  return outbox_.forget(source).transform(as_public);
}

Result<KnownSource> Core::known(const std::string& source) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  return outbox_.known(source);
}

Result<std::vector<Note>> Core::notes(const std::string& scope) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return store_.database->read([&](store::Statements& sql) -> Result<std::vector<Note>> {
    return outbox::load_notes(sql, scope);
  });
}

Result<void> Core::keep_notes(const std::vector<Note>& notes) {
  if (Result<void> own = require_own_process(); !own) return own;
  return store_.database->write(
      [&](store::Statements& sql) { return outbox::keep_notes(sql, notes); });
}

Result<std::optional<Claim>> Core::claim(const std::string& name) {
  if (Result<void> usable = require_name("claim", name); !usable) return usable.error();
  Result<std::unique_ptr<store::SlotLock>> lock = store_.locks->try_lock("claim " + name);
  if (!lock) return lock.error();
  if (!*lock) return std::optional<Claim>();
  return std::optional(Claim(std::shared_ptr<void>(std::move(*lock))));
}

}  // namespace weir
