// BudgetTransport: no request passes it without a connection lease and a call spent in the ledger.
//
// Requests of the exempt table (exempt_table.h) are logged and not charged; whether they take a
// lease is an option, and where there are several they leave one to calls. It stands in front of
// the real transport, inside any retry: each attempt costs a call. Order: take a lease, spend,
// send, tell the ledger what the answer says, give the lease back. A call of which no byte left is
// refunded. A day that is spent may be over by the platform's clock though not by ours: then the
// platform is asked for its time first, by an exempt request without credentials. Right before the
// first byte leaves it is looked once more whether the call may still be made: a process that slept
// after it had spent the call gives it back and begins anew. Errors:
// kTooManyConnections when no lease became free in time, kBudgetExhausted, kCancelled and kTimeout
// when the context ended before the call was spent, the store's; in these cases nothing was sent.
// Safe to use from several threads at once.
#pragma once

#include <weir/transport.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "budget/leases.h"
#include "budget/ledger.h"
#include "pipeline/answer.h"
#include "time/context.h"

namespace weir::pipeline {

struct BudgetOptions {
  int max_connections = 3;
  Milliseconds wait = std::chrono::seconds{30};
  bool exempt_take_connection = true;
};

class BudgetTransport final : public Transport {
 public:
  BudgetTransport(std::shared_ptr<Transport> next, budget::Ledger& ledger, budget::Leases& leases,
                  Classifier classify, BudgetOptions options);

  Result<HttpResponse> send(const HttpRequest& request) override { return send(request, {}); }

  // Waits within the context, and looks at it before each call is spent. A context that is over
  // already is tried once, without waiting.
  Result<HttpResponse> send(const HttpRequest& request, const Context& context);

 private:
  // Empty when the moment for the call passed before it was sent.
  using Sent = std::optional<Result<HttpResponse>>;

  Sent try_to_send(const HttpRequest& request, bool exempt, const Context& context);
  Sent spend_and_send(const HttpRequest& request, bool is_charged, const budget::HostTime& begun,
                      const Context& context);
  Result<budget::SpentCall> spend(const HttpRequest& request, const budget::CallEntry& entry,
                                  const Context& context);
  Result<budget::SpentCall> spend_within(const budget::CallEntry& entry, const Context& context);
  Result<HttpResponse> ask_time(const HttpRequest& call);
  Sent send_spent(const HttpRequest& request, const budget::SpentCall& call,
                  const budget::HostTime& begun);
  bool is_too_late(const HttpRequest& request, const budget::SpentCall& call,
                   const budget::HostTime& begun) const;

  const std::shared_ptr<Transport> next_;
  budget::Ledger& ledger_;
  budget::Leases& leases_;
  const Classifier classify_;
  const BudgetOptions options_;
  const std::vector<std::string> connections_;
};

}  // namespace weir::pipeline
