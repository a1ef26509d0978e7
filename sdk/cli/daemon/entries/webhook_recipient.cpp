#include "daemon/entries/webhook_recipient.h"

#include <weir/clock.h>
#include <weir/foreign_words.h>
#include <weir/transport.h>

#include <algorithm>
#include <array>
#include <utility>

#include "api/answer_headers.h"
#include "daemon/entries/webhook_signature.h"
#include "http/curl_transport.h"
#include "output/printable.h"

namespace weir::daemon {
namespace {

constexpr std::int64_t kMostAnswerBytes = 4096;
constexpr std::size_t kMostShownBytes = 200;

bool is_for_later(int status) {
  constexpr std::array<int, 4> kLater = {408, 409, 425, 429};
  return status < 400 || status >= 500 ||
         std::find(kLater.begin(), kLater.end(), status) != kLater.end();
}

class WebhookRecipient final : public Recipient {
 public:
  WebhookRecipient(std::shared_ptr<Transport> transport, Secret key, Milliseconds timeout,
                   RecipientParts parts)
      : transport_(std::move(transport)),
        key_(std::move(key)),
        timeout_(timeout),
        parts_(std::move(parts)) {}

  // A request under way is not ended by a stop: its time is short.
  Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token /*stop*/) override {
    const QueuedEntry& entry = entries.front();
    HttpRequest request{.method = "POST", .body = entry.body, .timeout = timeout_};
    request.headers = webhook_headers(entry.id, parts_.clock->now(), entry.body, key_);
    const Result<HttpResponse> answer = transport_->send(request);
    if (answer) return verdict_of(*answer);
    return {.verdict = HandlerAnswer::kAgain,
            .reason = "the webhook failed: " + answer.error().message};
  }

 private:
  static Handed verdict_of(const HttpResponse& answer) {
    const int status = answer.status;
    if (status >= 200 && status < 300) return {};
    Handed handed{.verdict = is_for_later(status) ? HandlerAnswer::kAgain : HandlerAnswer::kNever,
                  .reason = "the webhook answered " + std::to_string(status)};
    if (status >= 300 && status < 400) {
      handed.reason += ", a redirect, which is not followed; give the address that it leads to";
    } else if (!answer.body.empty()) {
      handed.reason += ": " + foreign_words(cli::printable(answer.body.substr(0, kMostShownBytes)));
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(system_clock()->now());
    if (const auto rest = api::retry_after(answer, now)) handed.rest = *rest;
    return handed;
  }

  const std::shared_ptr<Transport> transport_;
  const Secret key_;
  const Milliseconds timeout_;
  const RecipientParts parts_;
};

}  // namespace

Result<std::unique_ptr<Recipient>> webhook_recipient(const WebhookHandler& handler,
                                                     RecipientParts parts) {
  Secret key;
  if (!handler.secret.empty()) {
    Result<Secret> found = webhook_key(handler.secret);
    if (!found) return found.error();
    key = std::move(*found);
  }
  Result<std::shared_ptr<Transport>> transport =
      http::curl_transport({.base_url = handler.url,
                            .max_answer_bytes = kMostAnswerBytes,
                            .ca_file = handler.ca_file,
                            .is_whole_address = true,
                            .cuts_off_long_answers = true});
  if (!transport) return transport.error();
  return std::unique_ptr<Recipient>(std::make_unique<WebhookRecipient>(
      std::move(*transport), std::move(key), handler.timeout, std::move(parts)));
}

}  // namespace weir::daemon
