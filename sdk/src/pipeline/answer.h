// Answer: what an HTTP answer of the platform means, in the few kinds on which Weir acts
// differently.
//
// api/answer_table.cpp holds the one table that tells the kinds apart; the budget acts on the
// limits, the delivery on the rest. Plain values without threads.
#pragma once

#include <weir/transport.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace weir::pipeline {

enum class AnswerKind {
  kOk,
  kTooManyConnections,  // connection text: fewer leases for a while, then again
  kLocked,              // lock text, on 400 or 500: another writer is at work; again later
  kDailyLimit,          // limit text on any status: the org day is spent, for every process
  kThrottled,           // a bare 429: rest for Retry-After
  kUnauthenticated,     // 401: company id or key is wrong
  kUnknownDataSource,   // 400 that says the data source was not found
  kMissingRow,          // 400 with ErrorCode Predicate: a row that the call named is not there
  kTooLarge,            // 413: the body is larger than somebody on the way takes
  kWrongRequest,   // the request itself is refused, whatever its rows: 404, 405, a web page, …
  kRefused,        // any other 4xx with words of the platform: the content is refused for good
  kServerFailure,  // any other 5xx, 408 and 425: again later
  kUnexpected,     // what the platform does not document, such as a success that is no JSON
};

struct Answer {
  AnswerKind kind = AnswerKind::kOk;
  // The platform's own words; where a redirect leads, when it gave none. Control characters are
  // replaced.
  std::string message = {};
  // Of a failure: somebody on the way answered, not the platform.
  bool is_web_page = false;
  // Of kDailyLimit: whether it is beyond doubt, so that the calls that others spend can be learned
  // from it. Words alone may be meant in another way.
  bool is_certain = false;
  std::optional<std::chrono::seconds> retry_after = {};
  // When the platform answered, by its own clock.
  std::optional<std::chrono::sys_seconds> served_at = {};
};

using Classifier = std::function<Answer(const HttpResponse&)>;

}  // namespace weir::pipeline
