#include "polling/connector_deliveries.h"

#include "api/form_api.h"
#include "polling/form_checkpoints.h"
#include "text/constant_time.h"

namespace weir {
namespace {

// A delivery has no media in it; the platform's forms have at most 3,000 fields.
constexpr std::size_t kLargestDelivery = 8 * 1024 * 1024;

}  // namespace

ConnectorAnswer connector_refusal(int status, const std::string& why) {
  return {.status = status, .body = R"({"error":")" + why + R"("})"};
}

ConnectorAnswer ConnectorDeliveries::take(const std::string& form,
                                          const ConnectorRequest& request) {
  if (request.method != "POST") return connector_refusal(405, "send a POST");
  if (request.body.size() > kLargestDelivery)
    return connector_refusal(413, "the delivery is too large");
  Result<api::ConnectorPayload> payload = api::parse_connector_payload(request.body);
  if (!payload) return connector_refusal(400, "this is no delivery of a form connector");
  if (!sync::equal_in_constant_time(seams_.integration_key.reveal(),
                                    payload->integration_key.reveal()))
    return connector_refusal(401, "the integration key is wrong");
  polling::FormCheckpoints checkpoints(seams_.database);
  const Result<bool> kept = checkpoints.keep(
      form, {.id = payload->entry.id, .json = payload->entry.json}, seams_.clock->now());
  if (!kept) {
    if (seams_.log) seams_.log(LogLevel::kError, kept.error().message);
    return connector_refusal(503, "the entry could not be kept; deliver it again");
  }
  if (*kept) seams_.polls.delivered(form);
  return {};
}

}  // namespace weir
