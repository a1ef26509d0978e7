#include "daemon/entries/webhook_recipient.h"

#include <weir/clock.h>
#include <weir/foreign_words.h>
#include <weir/transport.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "api/answer_headers.h"
#include "daemon/entries/webhook_signature.h"
#include "http/curl_transport.h"
#include "output/printable.h"
#include "text/without_key.h"

namespace weir::daemon {
namespace {

constexpr std::int64_t kMostAnswerBytes = 4096;
constexpr std::size_t kMostShownBytes = 200;

std::vector<std::string> split(const std::string& text, char between) {
  std::vector<std::string> parts;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, between);) parts.push_back(part);
  return parts;
}

// Of a part of an address. In an answer letters may be encoded or not, whoever looks for them.
std::string decoded(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    const bool is_coded = text[i] == '%' && i + 2 < text.size() &&
                          std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    plain += is_coded ? static_cast<char>(byte) : text[i];
    if (is_coded) i += 2;
  }
  return plain;
}

bool is_for_later(int status) {
  constexpr std::array<int, 4> kLater = {408, 409, 425, 429};
  return status < 400 || status >= 500 ||
         std::find(kLater.begin(), kLater.end(), status) != kLater.end();
}

// The shortest part of a path that may be a token, as some services have them there.
constexpr std::size_t kShortestToken = 16;

// What an answer may repeat and nobody is to see: the secret with and without what it begins with,
// and of the address the query, the values in it and parts of the path that are long.
std::vector<std::string> secrets_of(const WebhookHandler& handler) {
  std::vector<std::string> secrets;
  const std::string_view secret = handler.secret.reveal();
  if (!secret.empty()) {
    secrets.emplace_back(secret);
    secrets.emplace_back(secret.substr(secret.find('_') + 1));
  }
  const std::size_t question = std::min(handler.url.find('?'), handler.url.size());
  const std::string query = handler.url.substr(std::min(question + 1, handler.url.size()));
  if (!query.empty()) secrets.push_back(query);
  for (const std::string& word : split(query, '&'))
    secrets.push_back(decoded(word.substr(word.find('=') + 1)));
  const std::size_t scheme = handler.url.find("://");
  const std::size_t path = handler.url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path >= question) return secrets;
  for (const std::string& part : split(handler.url.substr(path, question - path), '/'))
    if (part.size() >= kShortestToken) secrets.push_back(decoded(part));
  return secrets;
}

class WebhookRecipient final : public Recipient {
 public:
  WebhookRecipient(std::shared_ptr<Transport> transport, Secret key, const WebhookHandler& handler,
                   RecipientParts parts)
      : transport_(std::move(transport)),
        key_(std::move(key)),
        secrets_(secrets_of(handler)),
        timeout_(handler.timeout),
        parts_(std::move(parts)) {}

  // A request under way is not ended by a stop: its time is short.
  Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token /*stop*/) override {
    const QueuedEntry& entry = entries.front();
    HttpRequest request{.method = "POST", .body = entry.body, .timeout = timeout_};
    request.headers = webhook_headers(entry.id, parts_.clock->now(), entry.body, key_);
    const Result<HttpResponse> answer = transport_->send(request);
    if (answer) return verdict_of(*answer);
    return {
        .verdict = HandlerAnswer::kAgain,
        .reason = "the webhook failed: " + text::without_keys(answer.error().message, secrets_)};
  }

 private:
  Handed verdict_of(const HttpResponse& answer) const {
    const int status = answer.status;
    if (status >= 200 && status < 300) return {};
    Handed handed{.verdict = is_for_later(status) ? HandlerAnswer::kAgain : HandlerAnswer::kNever,
                  .reason = "the webhook answered " + std::to_string(status)};
    if (status >= 300 && status < 400) {
      handed.reason += ", a redirect, which is not followed; give the address that it leads to";
    } else if (!answer.body.empty()) {
      // Cut off only then: half a secret would be found no more.
      const std::string words = text::without_keys(answer.body, secrets_);
      handed.reason += ": " + foreign_words(cli::printable(words.substr(0, kMostShownBytes)));
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(system_clock()->now());
    if (const auto rest = api::retry_after(answer, now)) handed.rest = *rest;
    return handed;
  }

  const std::shared_ptr<Transport> transport_;
  const Secret key_;
  const std::vector<std::string> secrets_;
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
                            .head_is_enough = true});
  if (!transport) return transport.error();
  return std::unique_ptr<Recipient>(std::make_unique<WebhookRecipient>(
      std::move(*transport), std::move(key), handler, std::move(parts)));
}

}  // namespace weir::daemon
