// The one table that says what an answer of the platform means: status and text to AnswerKind,
// first match wins.
//
// The same table stands in docs/platform-facts.md; a test compares the two. Thread-safe: no state.
#pragma once

#include <weir/error.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/answer.h"

namespace weir::api {

// A row of the table: matches when the status fits and, if there are any words, one of them occurs
// in the ErrorCode or Message of the ResponseStatus, without regard to case.
struct AnswerRule {
  std::string_view statuses;  // "400", "4xx", "5xx or 4xx but 400, 413", "any other", …
  // Alternatives separated by '|'; empty: any text. kLimitOfCalls, kWebPage and kNoWords stand for
  // what words alone do not tell.
  std::string_view words;
  pipeline::AnswerKind kind;
  std::string_view action;  // what Weir does, as the documentation says it
};

// A limit, in a sentence that speaks of calls (api/limit_words.h).
inline constexpr std::string_view kLimitOfCalls =
    "the limit words beside api, call, daily or usage";
inline constexpr std::string_view kWebPage = "(a web page)";
// Neither an ErrorCode nor a Message of the platform.
inline constexpr std::string_view kNoWords = "(none of the platform)";

std::span<const AnswerRule> answer_table();

// An answer that tells of a failure is short; a page of rows need not be read for it.
inline constexpr std::size_t kLongestFailure = std::size_t{64} * 1024;

// A page for a person, such as the sign-in of a network between us and the platform. The platform
// itself sends none: its answers are JSON, and a success may be empty.
bool is_web_page(const HttpResponse& response);

// Whether a success says in its body that it is none.
bool names_an_error(const HttpResponse& response);

// A 2xx that names an ErrorCode counts as a 400, and one that is no JSON as any other status,
// unless it is empty. `limit_words` are further texts that mean "the day's limit is reached" in any
// answer that is no success; they are looked for in the whole body, before the table. `key`:
// wherever the platform repeats it, plain, encoded for a URL or for JSON, the message has "…"
// instead. `now`: by this host's clock, for an answer that has no time of its own.
pipeline::Answer classify(const HttpResponse& response,
                          const std::vector<std::string>& limit_words = {},
                          std::string_view key = {},
                          std::optional<std::chrono::sys_seconds> now = {});

// The Error of an answer that is not kOk. `what` names the operation, such as "PUT of data source
// OUTAGES".
Error error_of(const pipeline::Answer& answer, int http_status, std::string_view what);

}  // namespace weir::api
