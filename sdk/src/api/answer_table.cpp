#include "api/answer_table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "api/answer_headers.h"
#include "api/response_status.h"

namespace weir::api {
namespace {

using pipeline::Answer;
using pipeline::AnswerKind;

// First match wins. The order is that of the design: connection text, lock text, limit text, a bare
// 429, then the rest.
constexpr std::array kTable = {
    AnswerRule{"2xx", "", AnswerKind::kOk, "settle the batch"},
    AnswerRule{"4xx or 5xx", "toomanyconnections|too many connections|concurrent connection",
               AnswerKind::kTooManyConnections, "rest and try again"},
    AnswerRule{"400, 409, 423 or 5xx",
               "cachelockexception|currently being updated|cannot be updated in parallel|lock has "
               "expired|lock expired",
               AnswerKind::kLocked, "rest and try again: another writer is at work"},
    AnswerRule{"4xx or 5xx",
               "apilimitexceeded|limit exceeded|limit reached|daily limit|call limit|usage "
               "limit|quota|calls per day",
               AnswerKind::kDailyLimit,
               "close the org day for every process; send again after the reset"},
    AnswerRule{"429", "", AnswerKind::kThrottled, "rest for Retry-After, else 60 s, doubling"},
    AnswerRule{"401 or 403", "", AnswerKind::kUnauthenticated,
               "stop: the company id or the key is wrong"},
    AnswerRule{"400 or 404",
               "data source not found|data source could not be found|was not found|does not exist",
               AnswerKind::kUnknownDataSource, "stop for this data source"},
    AnswerRule{"400", "predicate|no rows found", AnswerKind::kMissingRow,
               "halve the batch; a single delete is done, another single change is a dead letter"},
    AnswerRule{"4xx", "", AnswerKind::kRefused,
               "halve the batch; a single change is a dead letter"},
    AnswerRule{"5xx", "", AnswerKind::kServerFailure, "rest and try again"},
    AnswerRule{"any other", "", AnswerKind::kUnexpected, "rest and try again"},
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

// "400, 409, 423 or 5xx" against a status; "any other" fits all.
bool status_fits(std::string_view statuses, int status) {
  if (statuses == "any other") return true;
  const std::string digits = std::to_string(status);
  const std::string family = digits.substr(0, 1) + "xx";
  return digits.size() == 3 && (statuses.find(digits) != std::string_view::npos ||
                                statuses.find(family) != std::string_view::npos);
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

// Words of the platform end up in logs and on terminals.
std::string printable(std::string text) {
  if (text.size() > kLongestMessage) text.resize(kLongestMessage);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

// An answer that tells of a failure is short; a page of rows need not be read for it.
constexpr std::size_t kLongestFailure = 64 * 1024;

// The status that the table is asked with. A success that names an error is none: it counts as a
// 400, so that its words are heeded and nothing is taken for done.
int status_meant(const HttpResponse& response) {
  const bool names_an_error = response.status / 100 == 2 &&
                              response.body.size() <= kLongestFailure &&
                              !response_status(response.body).code.empty();
  return names_an_error ? 400 : response.status;
}

// A page for a person, such as the sign-in of a network between us and the platform. The platform
// itself sends none: its answers are JSON, and a success may be empty.
bool is_web_page(const HttpResponse& response) {
  const std::string start = lower(std::string_view(response.body).substr(0, 64));
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return false;
  const std::string_view text = std::string_view(start).substr(first);
  return text.starts_with("<!doctype html") || text.starts_with("<html");
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
      return ErrorCode::kRefused;
    case AnswerKind::kServerFailure:
      return ErrorCode::kUnavailable;
    case AnswerKind::kOk:
    case AnswerKind::kUnexpected:
      break;
  }
  return ErrorCode::kBadResponse;
}

std::string advice(const Answer& answer) {
  switch (answer.kind) {
    case AnswerKind::kUnauthenticated:
      return ". Check the company id and the integration key.";
    case AnswerKind::kUnknownDataSource:
      return ". Create the data source in the portal, or correct its id (the ExternalId).";
    case AnswerKind::kDailyLimit:
      return ". What waits stays in the outbox until the org day ends.";
    case AnswerKind::kThrottled:
      return answer.retry_after
                 ? ". It asks to wait for " + std::to_string(answer.retry_after->count()) + " s."
                 : "";
    default:
      return "";
  }
}

}  // namespace

std::span<const AnswerRule> answer_table() { return kTable; }

Answer classify(const HttpResponse& response, const std::vector<std::string>& limit_words) {
  Answer answer{.served_at = served_at(response)};
  const int meant = status_meant(response);
  if (meant / 100 == 2 && is_web_page(response)) {
    answer.kind = AnswerKind::kUnexpected;
    answer.message = "a web page, not an answer of the platform";
    return answer;
  }
  if (meant / 100 == 2) return answer;
  const ResponseStatus status = response_status(response.body);
  const std::string text = lower(status.code + " " + status.message);
  const auto rule = std::find_if(kTable.begin(), kTable.end(), [&](const AnswerRule& candidate) {
    return status_fits(candidate.statuses, meant) && has_word(candidate.words, text);
  });
  const std::string body = lower(response.body);
  const bool is_limit =
      std::any_of(limit_words.begin(), limit_words.end(), [&](const std::string& word) {
        return !word.empty() && body.find(lower(word)) != std::string::npos;
      });
  answer.kind = is_limit ? AnswerKind::kDailyLimit : rule->kind;
  answer.message =
      printable(status.code.empty() ? status.message : status.code + ": " + status.message);
  answer.retry_after = retry_after(response);
  return answer;
}

Error error_of(const Answer& answer, int http_status, std::string_view what) {
  std::string message =
      std::string(what) + ": the platform answered " + std::to_string(http_status);
  if (!answer.message.empty()) message += " (" + answer.message + ")";
  return {.code = code_of(answer.kind),
          .message = message + advice(answer),
          .http_status = http_status,
          .retry_after = answer.retry_after,
          .may_have_been_sent = true};
}

}  // namespace weir::api
