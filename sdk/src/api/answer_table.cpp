#include "api/answer_table.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <array>

#include "api/answer_headers.h"
#include "api/json.h"
#include "api/limit_words.h"
#include "api/response_status.h"
#include "text/ascii.h"
#include "text/printable.h"
#include "text/shortened.h"
#include "text/without_key.h"

namespace weir::api {
namespace {

using pipeline::Answer;
using pipeline::AnswerKind;

constexpr std::string_view kLimitText =
    "apilimitexceeded|limit exceeded|limit reached|daily limit|call limit|usage limit|quota|calls "
    "per day";

// First match wins. The order is that of the design: connection text, lock text, limit text, a bare
// 429, what is the request's own fault, then the rest.
constexpr std::array kTable = {
    AnswerRule{"2xx", "", AnswerKind::kOk, "settle the batch"},
    AnswerRule{"4xx or 5xx", "toomanyconnections|too many connections|concurrent connection",
               AnswerKind::kTooManyConnections, "rest and try again"},
    AnswerRule{"400, 409, 423 or 5xx",
               "cachelockexception|currently being updated|cannot be updated in parallel|lock has "
               "expired|lock expired",
               AnswerKind::kLocked, "rest and try again: another writer is at work"},
    AnswerRule{"400, 413 or 422", kLimitOfCalls, AnswerKind::kDailyLimit,
               "close the org day for every process; send again after the reset"},
    AnswerRule{"5xx or 4xx but 400, 413, 422", kLimitText, AnswerKind::kDailyLimit,
               "close the org day for every process; send again after the reset"},
    AnswerRule{"429", "", AnswerKind::kThrottled, "rest for Retry-After, else 60 s, doubling"},
    AnswerRule{"408 or 425", "", AnswerKind::kServerFailure, "rest and try again"},
    AnswerRule{
        "413", "", AnswerKind::kTooLarge,
        "halve the batch by its bytes and remember the size; a single change is a dead letter, "
        "below 64 KiB the request's fault"},
    AnswerRule{"4xx", kWebPage, AnswerKind::kWrongRequest,
               "stop: the request is at fault, not its rows"},
    AnswerRule{"401 or 403", "", AnswerKind::kUnauthenticated,
               "stop: the company id or the key is wrong"},
    AnswerRule{"3xx, 405, 410, 414, 415, 431, 451, 501 or 505", "", AnswerKind::kWrongRequest,
               "stop: the request is at fault, not its rows"},
    AnswerRule{"400 or 404",
               "data source not found|data source could not be found|was not found|does not exist",
               AnswerKind::kUnknownDataSource, "stop for this data source"},
    AnswerRule{"404", "", AnswerKind::kWrongRequest, "stop: the request is at fault, not its rows"},
    AnswerRule{"400", "predicate|no rows found", AnswerKind::kMissingRow,
               "halve the batch; a single delete is done, another single change is a dead letter"},
    AnswerRule{"4xx", kNoWords, AnswerKind::kWrongRequest,
               "stop: the request is at fault, not its rows"},
    AnswerRule{
        "4xx", "", AnswerKind::kRefused,
        "halve the batch; a single change is a dead letter; three different ones with the same "
        "words are the request's fault"},
    AnswerRule{"5xx", "", AnswerKind::kServerFailure, "rest and try again"},
    AnswerRule{"any other", "", AnswerKind::kUnexpected, "rest and try again"},
};

// "5xx or 4xx but 400, 413" against a status; "any other" fits all.
bool status_fits(std::string_view statuses, int status) {
  if (statuses == "any other") return true;
  const std::string digits = std::to_string(status);
  if (digits.size() != 3) return false;
  const std::string family = digits.substr(0, 1) + "xx";
  const std::size_t but = std::min(statuses.find(" but "), statuses.size());
  const std::string_view of = statuses.substr(0, but);
  return statuses.substr(but).find(digits) == std::string_view::npos &&
         (of.find(digits) != std::string_view::npos || of.find(family) != std::string_view::npos);
}

bool has_word(std::string_view words, const std::string& text) {
  if (words.empty()) return true;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('|'), words.size());
    if (text.find(words.substr(0, end)) != std::string::npos) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

constexpr std::size_t kLongestMessage = 300;

// The status that the table is asked with. A success that names an error is none: it counts as a
// 400, so that its words are heeded and nothing is taken for done.
int status_meant(const HttpResponse& response) {
  return names_an_error(response) ? 400 : response.status;
}

// What an answer is asked for by the rules.
struct Read {
  const HttpResponse& response;
  ResponseStatus status;
  std::string text;  // code and message, in lower case
};

bool words_fit(std::string_view words, const Read& read) {
  if (words == kLimitOfCalls) return speaks_of_a_limit_of_calls(read.status);
  if (words == kLimitText)
    return has_word(words, read.text) && !speaks_of_another_limit(read.status);
  if (words == kWebPage) return is_web_page(read.response);
  if (words == kNoWords) return read.status.code.empty() && read.status.message.empty();
  return has_word(words, read.text);
}

const AnswerRule& rule_for(int status, const Read& read) {
  return *std::find_if(kTable.begin(), kTable.end(), [&](const AnswerRule& rule) {
    return status_fits(rule.statuses, status) && words_fit(rule.words, read);
  });
}

std::string message_of(const ResponseStatus& status, std::string_view key) {
  const auto shown = [&](std::string_view words) {
    return text::shortened(text::printable(text::without_key(words, key)), kLongestMessage);
  };
  const bool is_plain =
      std::all_of(status.code.begin(), status.code.end(), text::is_letter_or_digit);
  std::string message = is_plain ? shown(status.code) : foreign_words(shown(status.code));
  if (message.empty() && status.message.empty() && !status.other_words.empty())
    return foreign_words(shown(status.other_words));
  if (!status.message.empty())
    message += (message.empty() ? "" : ": ") + foreign_words(shown(status.message));
  return message;
}

// Of an answer without words: where a redirect leads, or that it is a page for people.
std::string form_of(const HttpResponse& response, std::string_view key) {
  const std::string_view location = response.header("location");
  if (response.status / 100 == 3 && !location.empty())
    return "to " +
           text::shortened(text::printable(text::without_key(location, key)), kLongestMessage);
  return is_web_page(response) ? "a web page" : "";
}

ErrorCode code_of(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kTooManyConnections:
      return ErrorCode::kTooManyConnections;
    case AnswerKind::kLocked:
      return ErrorCode::kLocked;
    case AnswerKind::kDailyLimit:
      return ErrorCode::kBudgetExhausted;
    case AnswerKind::kThrottled:
      return ErrorCode::kThrottled;
    case AnswerKind::kUnauthenticated:
      return ErrorCode::kUnauthenticated;
    case AnswerKind::kUnknownDataSource:
      return ErrorCode::kUnknownDataSource;
    case AnswerKind::kMissingRow:
      return ErrorCode::kMissingRow;
    case AnswerKind::kRefused:
    case AnswerKind::kTooLarge:
      return ErrorCode::kRefused;
    case AnswerKind::kWrongRequest:
      return ErrorCode::kWrongRequest;
    case AnswerKind::kServerFailure:
      return ErrorCode::kUnavailable;
    case AnswerKind::kOk:
    case AnswerKind::kUnexpected:
      break;
  }
  return ErrorCode::kBadResponse;
}

// Whose fault it is that is not the rows', and where to look.
std::string advice_on_request(const Answer& answer, int status) {
  const std::string start = ". The request is at fault, not its rows: ";
  if (status / 100 == 3)
    return start +
           "it is sent elsewhere, which is not followed. Is `url` the host alone, such as "
           "https://secure.example.com, and still the platform's?";
  if (status == 402)
    return start + "a payment is asked for. Ask the platform about the account of this company id.";
  if (status == 407)
    return start + "a proxy on the way asks for a user and a password. Put them into https_proxy.";
  if (status == 451)
    return start + "it is refused for legal reasons. Ask who runs the platform, or this network.";
  if (answer.is_web_page && (status == 401 || status == 403))
    return start +
           "a firewall or a proxy on the way refuses it, not the platform. Ask who runs it "
           "to let this host through, and look whether `url` is the platform's.";
  return start +
         "the platform has no such endpoint, or somebody on the way answered. Is `url` the "
         "host alone, such as https://secure.example.com?";
}

std::string advice(const Answer& answer, int status) {
  switch (answer.kind) {
    case AnswerKind::kUnauthenticated:
      return ". Check the company id and the integration key.";
    case AnswerKind::kUnknownDataSource:
      return ". Create the data source in the portal, or correct its id (the ExternalId).";
    case AnswerKind::kDailyLimit:
      return ". Waiting changes stay in the outbox until the org day ends.";
    case AnswerKind::kWrongRequest:
      return advice_on_request(answer, status);
    case AnswerKind::kTooLarge:
      return ". The request is larger than the platform, or a proxy on the way, takes.";
    default:
      return answer.retry_after && answer.retry_after->count() > 0
                 ? ". It asks to wait for " + std::to_string(answer.retry_after->count()) + " s."
                 : "";
  }
}

}  // namespace

std::span<const AnswerRule> answer_table() { return kTable; }

bool is_web_page(const HttpResponse& response) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view body = std::string_view(response.body).substr(0, 256);
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  const std::string start = text::lowered(text::trimmed(body));
  return start.starts_with("<!doctype html") || start.starts_with("<html") ||
         text::lowered(response.header("content-type")).starts_with("text/html");
}

bool names_an_error(const HttpResponse& response) {
  return response.status / 100 == 2 && response.body.size() <= kLongestFailure &&
         response_status(response.body).is_failure();
}

Answer classify(const HttpResponse& response, const std::vector<std::string>& limit_words,
                std::string_view key, std::optional<std::chrono::sys_seconds> now) {
  Answer answer{.served_at = served_at(response)};
  const int meant = status_meant(response);
  if (meant / 100 == 2) {
    if (is_web_page(response)) {
      answer.kind = AnswerKind::kUnexpected;
      answer.message = "a web page, not an answer of the platform";
    } else if (!is_json_or_empty(response.body)) {
      answer.kind = AnswerKind::kUnexpected;
      answer.message = "something that is no JSON, so not an answer of the platform";
    }
    return answer;
  }
  Read read{.response = response, .status = response_status(response.body), .text = {}};
  read.text = text::lowered(read.status.code + " " + read.status.message);
  const std::string body = text::lowered(response.body);
  const bool is_limit =
      std::any_of(limit_words.begin(), limit_words.end(), [&](const std::string& word) {
        return !word.empty() && body.find(text::lowered(word)) != std::string::npos;
      });
  answer.kind = is_limit ? AnswerKind::kDailyLimit : rule_for(meant, read).kind;
  answer.is_certain = answer.kind == AnswerKind::kDailyLimit &&
                      (is_limit || meant == 429 || meant == 503 ||
                       text::same_but_for_case(read.status.code, "ApiLimitExceeded"));
  answer.message = message_of(read.status, key);
  answer.is_web_page = is_web_page(response);
  if (answer.message.empty()) answer.message = form_of(response, key);
  answer.retry_after = retry_after(response, now);
  return answer;
}

Error error_of(const Answer& answer, int http_status, std::string_view what) {
  std::string message =
      std::string(what) + ": the platform answered " + std::to_string(http_status);
  if (!answer.message.empty()) message += " (" + answer.message + ")";
  return {.code = code_of(answer.kind),
          .message = message + advice(answer, http_status),
          .http_status = http_status,
          .retry_after = answer.retry_after,
          .may_have_been_sent = true};
}

}  // namespace weir::api
