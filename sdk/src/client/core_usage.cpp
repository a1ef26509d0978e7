// The part of the core that tells of calls and store.
#include <algorithm>
#include <utility>

#include "client/core.h"
#include "os/store_file.h"
#include "store/identity.h"
#include "store/store_check.h"

namespace weir {

StoreState Core::store_state() const {
  std::string location = store::shown_location(options_.store);
  if (location.find("://") == std::string::npos) location = os::absolute_path(location);
  return {.location = std::move(location),
          .schema = store_.schema,
          .is_new = is_new_,
          .may_be_a_copy = may_be_a_copy_};
}

Result<std::vector<CallsOfDay>> Core::calls_by_day() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return ledger_.calls_by_day();
}

Result<std::vector<std::string>> Core::check_store() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return store::damage_of(store_, options_.store);
}

void Core::warn_of_copy() const {
  if (!options_.log) return;
  options_.log(LogLevel::kWarning,
               "the store " + store_state().location +
                   " is a copy or was put back from a backup: there must never be two, and today's "
                   "calls are not known until Client::calibrate()");
}

Result<void> Core::calibrate(std::int64_t calls_today) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  if (calls_today < 0)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "the portal's number of calls cannot be negative"};
  if (Result<void> noted = ledger_.calibrate(calls_today); !noted) return noted;
  if (!may_be_a_copy_) return {};
  if (Result<void> trusted = store::trust(store_); !trusted) return trusted;
  may_be_a_copy_ = false;
  return {};
}

Result<Usage> Core::usage() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<Usage> usage = ledger_.usage();
  if (!usage) return usage;
  usage->time_zone = options_.time_zone;
  Result<int> open = leases_.held(budget::connection_lease_names(options_.max_connections));
  if (!open) return open.error();
  usage->open_connections = *open;
  Result<double> price = pricing_.shown();
  if (!price) return price.error();
  usage->price_row_seconds = *price;
  Result<std::vector<HaltedSource>> halted = outbox_.halts(clock_->now());
  if (!halted) return halted.error();
  usage->halted = std::move(*halted);
  return usage;
}

// What cannot be read is the failure itself.
Result<Health> Core::health() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const TimePoint now = clock_->now();
  Health health;
  health.parts = health_.parts(now);
  if (const auto last = failures_.last()) {
    health.last_failure = last->error;
    health.last_failure_at = last->time;
  }
  const auto fails_now = [&](const Error& error) {
    health.last_failure = error;
    health.last_failure_at = now;
  };
  if (const auto waiting = outbox_.pending(); !waiting) fails_now(waiting.error());
  if (auto halted = outbox_.halts(now)) {
    health.halted = std::move(*halted);
  } else {
    fails_now(halted.error());
  }
  const Result<Usage> usage = ledger_.usage();
  if (!usage) {
    fails_now(usage.error());
    return health;
  }
  health.clock_is_observed = usage->clock_is_observed;
  health.day_is_closed = usage->closed;
  const auto answered =
      std::find_if(usage->log.begin(), usage->log.end(), [](const CallRecord& call) {
        return call.charged && call.status && *call.status / 100 == 2;
      });
  if (answered != usage->log.end()) health.last_success = answered->time;
  return health;
}

}  // namespace weir
