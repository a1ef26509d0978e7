// The polls of a client: Core's second half.
#include <utility>

#include "api/form_api.h"
#include "core.h"
#include "form_poll.h"
#include "polling/form_checkpoints.h"
#include "source_poll.h"
#include "sync/private_tokens.h"

namespace weir {
namespace {

// A delivery has no media in it; the platform's forms have at most 3,000 fields.
constexpr std::size_t kLargestDelivery = 8 * 1024 * 1024;

Error wrong(const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = "a poll " + problem};
}

Result<void> check(const PollOptions& options) {
  if (!(options.weight > 0)) return wrong("needs a weight above 0");
  if (options.shortest < Milliseconds{0} || options.longest < Milliseconds{0})
    return wrong("cannot have a negative interval");
  if (options.longest > Milliseconds{0} && options.longest < options.shortest)
    return wrong("needs a longest interval that is no shorter than its shortest");
  return {};
}

Result<void> check(const FormPollOptions& options) {
  if (options.overlap < Milliseconds{0}) return wrong("cannot have a negative overlap");
  if (options.page_entries < 1 || options.page_entries > 250)
    return wrong("takes pages of 1 to 250 entries");
  const std::string& format = options.answer_format;
  if (format != "Raw" && format != "Rich" && format != "Flat")
    return wrong("takes the answer formats Raw, Rich and Flat, not '" + format + "'");
  return check(options.pace);
}

ConnectorAnswer refusal(int status, const std::string& why) {
  return {.status = status, .body = R"({"error":")" + why + R"("})"};
}

}  // namespace

Result<Poll> Core::poll_form(std::shared_ptr<Core> self, const std::string& form,
                             EntryHandler handler, FormPollOptions options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  if (form.empty()) return wrong("needs a form");
  if (!handler) return wrong("needs a handler");
  const PollOptions pace = options.pace;
  auto look = std::make_unique<FormPoll>(
      PollContext{.leases = leases_,
                  .database = *store_.database,
                  .transport = transport_,
                  .credentials = {.company_id = options_.company_id,
                                  .integration_key = options_.integration_key},
                  .classify = classify_,
                  .clock = clock_,
                  .call_timeout = options_.call_timeout},
      form, std::move(handler), std::move(options));
  return begin_poll(std::move(self), std::move(look), pace);
}

Result<Poll> Core::poll_source(std::shared_ptr<Core> self, const std::string& source,
                               ChangesHandler handler, const PollOptions& options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  if (!handler) return wrong("needs a handler");
  auto look =
      std::make_unique<SourcePoll>(SourcePoll::Context{.leases = leases_,
                                                       .database = *store_.database,
                                                       .reading = reading_,
                                                       .clock = clock_,
                                                       .call_timeout = options_.call_timeout,
                                                       .page_rows = options_.limits.page_rows},
                                   source, std::move(handler));
  return begin_poll(std::move(self), std::move(look), options);
}

Result<Poll> Core::begin_poll(std::shared_ptr<Core> self, std::unique_ptr<Look> look,
                              const PollOptions& options) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<std::size_t> number = polls_.add(std::move(look), options);
  if (!number) return number.error();
  if (options_.send_in_background) polls_.start();
  return Poll(std::move(self), *number);
}

Result<std::optional<TimePoint>> Core::poll_due() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return polls_.run_due(stopping_.get_token());
}

void Core::hint_poll(std::size_t poll) {
  if (!is_forked()) polls_.hint(poll);
}

void Core::end_poll(std::size_t poll) {
  if (!is_forked()) polls_.remove(poll);
}

ConnectorAnswer Core::take_delivery(const std::string& form, const ConnectorRequest& request) {
  if (is_forked()) return refusal(503, "the receiver was made before fork()");
  if (request.method != "POST") return refusal(405, "send a POST");
  if (request.body.size() > kLargestDelivery) return refusal(413, "the delivery is too large");
  Result<api::ConnectorPayload> payload = api::parse_connector_payload(request.body);
  if (!payload) return refusal(400, "this is no delivery of a form connector");
  if (!sync::equal_in_constant_time(options_.integration_key.reveal(),
                                    payload->integration_key.reveal()))
    return refusal(401, "the integration key is wrong");
  polling::FormCheckpoints checkpoints(*store_.database);
  const Result<bool> kept =
      checkpoints.keep(form, {.id = payload->entry.id, .json = payload->entry.json}, clock_->now());
  if (!kept) {
    if (options_.log) options_.log(LogLevel::kError, kept.error().message);
    return refusal(503, "the entry could not be kept; deliver it again");
  }
  if (*kept) polls_.delivered(form);
  return {};
}

}  // namespace weir
