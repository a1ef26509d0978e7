// ConnectorDeliveries: what a form connector hands over by HTTP, checked and kept until the poll of
// its form hands it on. Costs no call. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/form_connector_receiver.h>
#include <weir/log.h>
#include <weir/secret.h>

#include <memory>
#include <string>
#include <utility>

#include "polling/poll_loop.h"
#include "store/database.h"

namespace weir {

class ConnectorDeliveries {
 public:
  struct Seams {
    store::Database& database;
    PollLoop& polls;
    Secret integration_key;  // by which a delivery proves that it is the platform's
    std::shared_ptr<Clock> clock;
    LogSink log;
  };

  explicit ConnectorDeliveries(Seams seams) : seams_(std::move(seams)) {}

  // As FormConnectorReceiver::handle().
  ConnectorAnswer take(const std::string& form, const ConnectorRequest& request);

 private:
  const Seams seams_;
};

// An answer that is not 200.
ConnectorAnswer connector_refusal(int status, const std::string& why);

}  // namespace weir
