// The part of the core that looks after what waits and what was refused.
#include "core.h"

namespace weir {

Result<OutboxContents> Core::outbox() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return outbox_.list();
}

Result<std::int64_t> Core::retry(const DeadLetterChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<std::int64_t> retried = outbox_.retry(choice, clock_->now());
  if (retried) wake();
  return retried;
}

Result<std::int64_t> Core::drop(const DeadLetterChoice& choice) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return outbox_.drop(choice);
}

}  // namespace weir
