#include <weir/form_connector_receiver.h>

#include "client/core.h"

namespace weir {

ConnectorAnswer FormConnectorReceiver::handle(const ConnectorRequest& request) {
  return entries_.core_->take_delivery(entries_.form_, request);
}

}  // namespace weir
