// calling/: what a program asks of the platform that Weir itself has no use for.
//
// Calls: makes any other call of the platform, by the same budget as all else: when it is worth its
// price, within its deadline, repeated only where that can do no harm. Safe to use from several
// threads at once.
#pragma once

#include <weir/api_call.h>
#include <weir/clock.h>
#include <weir/result.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/platform.h"
#include "budget/leases.h"
#include "outbox/outbox.h"
#include "pricing/pricing.h"
#include "time/context.h"

namespace weir {

class Calls {
 public:
  struct Seams {
    const api::Platform& platform;
    Pricing& pricing;
    outbox::Outbox& outbox;
    budget::Leases& leases;
    std::shared_ptr<Clock> clock;
    // Sends what waits for a data source, and takes its writer lease.
    std::function<Result<void>(const std::string& source, const Context&)> drain;
    std::function<Result<budget::Lease>(const std::string& source, const Context&)> take_writer;
  };

  explicit Calls(Seams seams) : seams_(std::move(seams)) {}

  // As Client::call(). `context` has the stop alone.
  Result<ApiAnswer> call(const ApiCall& call, const Context& context);

 private:
  class Destination;

  Result<void> wait_until_worth(const ApiCall& call, const Context& context);
  Result<ApiAnswer> make(const api::PlannedCall& planned, Destination& to, const Context& context);
  Result<ApiAnswer> change_source(const api::PlannedCall& planned, Destination& to,
                                  const Context& context);

  const Seams seams_;
};

}  // namespace weir
