// BudgetTransport: no request passes it without a connection lease and a call spent in the ledger.
//
// Requests of the exempt table (exempt_table.h) are logged and not charged; whether they take a
// lease is an option, and where there are several they leave one to calls. It stands in front of
// the real transport, inside any retry: each attempt costs a call. Order: take a lease, spend,
// send, tell the ledger what the answer says, give the lease back. A call of which no byte left is
// refunded. A day that is spent may be over by the platform's clock though not by ours: then the
// platform is asked for its time first, by an exempt request without credentials. Errors:
// kTooManyConnections when no lease became free in time, kBudgetExhausted, the store's; in these
// cases nothing was sent. Safe to use from several threads at once.
#pragma once

#include <weir/transport.h>

#include <memory>
#include <vector>

#include "budget/leases.h"
#include "budget/ledger.h"
#include "pipeline/answer.h"

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

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Result<HttpResponse> spend_and_send(const HttpRequest& request, bool is_charged);
  Result<budget::SpentCall> spend(const HttpRequest& request, const budget::CallEntry& entry);
  Result<HttpResponse> send_spent(const HttpRequest& request, const budget::SpentCall& call);

  const std::shared_ptr<Transport> next_;
  budget::Ledger& ledger_;
  budget::Leases& leases_;
  const Classifier classify_;
  const BudgetOptions options_;
  const std::vector<std::string> connections_;
};

}  // namespace weir::pipeline
