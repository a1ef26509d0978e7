// pushing/: what waits in the outbox, carried to the platform.
//
// Delivery: carries one batch of one data source to the platform and settles it in the outbox.
//
// The hand of the engine: what to send and when is the push schedule's decision
// (pacing/push_schedule.h). Holds the data source's writer lease for the whole of it, so that one
// process at a time writes a data source. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/platform.h"
#include "budget/leases.h"
#include "outbox/outbox.h"
#include "time/context.h"

namespace weir {

// How the delivery of one batch ended.
struct Delivered {
  enum class Kind {
    kNothing,   // nothing waited
    kAccepted,  // the platform has the batch
    kRefused,   // refused for its content: try smaller batches to find the bad row
    kPutAside,  // the one change of the batch was refused for good and is now a dead letter
    kFailed,    // it did not arrive, or that is not known: `error` says why
  };
  Kind kind = Kind::kNothing;
  std::int64_t changes = 0;
  std::int64_t calls = 0;
  std::optional<Error> error = {};
  // Of a request that is at fault: what its rows were refused with, whose dead letters went back to
  // what waits, and when it is tried again.
  std::string refused_with = {};
  std::optional<TimePoint> stands_until = {};
};

class Delivery {
 public:
  // `wait`: how long to wait for the writer lease, and at most for a connection lease. `settings`:
  // what a request depends on but its rows, such as the platform's address; when it changes, a
  // request that was at fault is tried again.
  Delivery(outbox::Outbox& outbox, budget::Leases& leases, const api::Platform& platform,
           std::shared_ptr<Clock> clock, Milliseconds wait, std::string settings)
      : outbox_(outbox),
        leases_(leases),
        platform_(platform),
        clock_(std::move(clock)),
        wait_(wait),
        settings_(std::move(settings)) {}

  // Sends the next batch of what waits, in one call at most. `reason` is for the usage log.
  Delivered deliver(const std::string& source, const std::string& reason, const Context& context);

 private:
  Delivered deliver_batch(const outbox::Batch& batch, const std::string& reason,
                          const Context& context);
  Delivered settle_accepted(const outbox::Batch& batch);
  Delivered settle_refusal(const outbox::Batch& batch, Error error);
  Delivered settle_size(const outbox::Batch& batch, Error error);
  Delivered bury(const outbox::Batch& batch, Error error);

  outbox::Outbox& outbox_;
  budget::Leases& leases_;
  const api::Platform& platform_;
  const std::shared_ptr<Clock> clock_;
  const Milliseconds wait_;
  const std::string settings_;
};

}  // namespace weir
