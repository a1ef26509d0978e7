// Delivery: carries one batch of one data source to the platform and settles it in the outbox.
//
// The hand of the engine: what to send and when is the push schedule's decision
// (pacing/push_schedule.h). Holds the data source's writer lease for the whole of it, so that one
// process at a time writes a data source. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/transport.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/data_source_api.h"
#include "budget/leases.h"
#include "outbox/outbox.h"
#include "pipeline/answer.h"

namespace weir {

struct DeliveryOptions {
  Milliseconds call_timeout = {};
  // How long to wait for the writer lease, and at most for a connection lease.
  Milliseconds wait = {};
};

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
};

class Delivery {
 public:
  Delivery(outbox::Outbox& outbox, budget::Leases& leases, std::shared_ptr<Transport> transport,
           api::Credentials credentials, pipeline::Classifier classify,
           std::shared_ptr<Clock> clock, DeliveryOptions options);

  // Sends the next batch of what waits, in one call at most. `reason` is for the usage log.
  Delivered deliver(const std::string& source, const std::string& reason);

 private:
  Delivered deliver_batch(const outbox::Batch& batch, const std::string& reason);
  Delivered settle(const outbox::Batch& batch, const HttpResponse& response);
  Delivered settle_refusal(const outbox::Batch& batch, Error error);

  outbox::Outbox& outbox_;
  budget::Leases& leases_;
  const std::shared_ptr<Transport> transport_;
  const api::Credentials credentials_;
  const pipeline::Classifier classify_;
  const std::shared_ptr<Clock> clock_;
  const DeliveryOptions options_;
};

}  // namespace weir
