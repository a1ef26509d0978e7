#include "pipeline/budget_transport.h"

#include <utility>

#include "pipeline/exempt_table.h"

namespace weir::pipeline {
namespace {

Error no_lease(const BudgetOptions& options) {
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(options.wait);
  return {.code = ErrorCode::kTooManyConnections,
          .message = "all " + std::to_string(options.max_connections) +
                     " connections of the organization were in use "
                     "for " +
                     std::to_string(waited.count()) +
                     " s; nothing was sent. Try again, or wait longer."};
}

using Word = budget::CallAnswer::Word;

Word word_of(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kOk:
      return Word::kAccepted;
    case AnswerKind::kDailyLimit:
      return Word::kLimitReached;
    case AnswerKind::kTooManyConnections:
      return Word::kTooManyConnections;
    case AnswerKind::kThrottled:
      return Word::kThrottled;
    default:
      return Word::kOther;
  }
}

bool is_spent_day(const Result<budget::SpentCall>& call) {
  return !call && call.error().code == ErrorCode::kBudgetExhausted;
}

// Every answer carries the platform's time. This one is refused for what it lacks; being exempt and
// naming no organization, it is counted for none.
HttpRequest time_request(const HttpRequest& call) {
  HttpRequest request;
  request.method = "GET";
  request.path = std::string(kTimePath);
  request.timeout = call.timeout;
  request.stop = call.stop;
  request.target = "(time)";
  request.reason = "clock";
  return request;
}

budget::CallAnswer what_the_ledger_heeds(const HttpResponse& response, const Answer& answer) {
  budget::CallAnswer told{.word = word_of(answer.kind), .status = response.status};
  if (answer.served_at) told.date = *answer.served_at;
  return told;
}

}  // namespace

BudgetTransport::BudgetTransport(std::shared_ptr<Transport> next, budget::Ledger& ledger,
                                 budget::Leases& leases, Classifier classify, BudgetOptions options)
    : next_(std::move(next)),
      ledger_(ledger),
      leases_(leases),
      classify_(std::move(classify)),
      options_(options),
      connections_(budget::connection_lease_names(options.max_connections)) {}

Result<HttpResponse> BudgetTransport::send(const HttpRequest& request) {
  const bool exempt = is_exempt(request);
  if (exempt && !options_.exempt_take_connection) return spend_and_send(request, false);
  Result<int> allowed = ledger_.connections_allowed();
  if (!allowed) return allowed.error();
  // Downloads may last: one connection is left to calls where there are several.
  const int kept = exempt && *allowed > 1 ? 1 : 0;
  const std::vector<std::string> open(connections_.begin() + kept, connections_.begin() + *allowed);
  Result<std::optional<budget::Lease>> lease =
      leases_.take_any(open, request.timeout, options_.wait);
  if (!lease) return lease.error();
  if (!lease->has_value()) return no_lease(options_);
  return spend_and_send(request, !exempt);
}

Result<HttpResponse> BudgetTransport::spend_and_send(const HttpRequest& request, bool is_charged) {
  Result<budget::SpentCall> call = spend(request, {.method = request.method,
                                                   .target = request.path + " " + request.target,
                                                   .rows = request.rows,
                                                   .reason = request.reason,
                                                   .charged = is_charged});
  if (!call) return call.error();
  return send_spent(request, *call);
}

// Where two answers contradict each other, a third tells which of them to believe.
Result<budget::SpentCall> BudgetTransport::spend(const HttpRequest& request,
                                                 const budget::CallEntry& entry) {
  Result<budget::SpentCall> call = ledger_.spend(entry);
  for (int asked = 0; asked < 2 && is_spent_day(call); ++asked) {
    const Result<budget::DayDoubt> doubt =
        ledger_.doubt_of_day(asked == 0 && entry.reason == budget::kInteractive);
    if (!doubt) return doubt.error();
    if (*doubt == budget::DayDoubt::kNone) return call;
    const Result<HttpResponse> told = spend_and_send(time_request(request), false);
    // With nothing known the day may well have begun: this is to be tried again soon.
    if (!told) return *doubt == budget::DayDoubt::kUnknown ? told.error() : call;
    call = ledger_.spend(entry);
  }
  return call;
}

// What the ledger cannot note afterwards does not undo the answer: the call is already spent.
Result<HttpResponse> BudgetTransport::send_spent(const HttpRequest& request,
                                                 const budget::SpentCall& call) {
  Result<HttpResponse> response = next_->send(request);
  if (!response) {
    if (!response.error().may_have_been_sent) static_cast<void>(ledger_.refund(call));
    return response;
  }
  static_cast<void>(ledger_.settle(call, what_the_ledger_heeds(*response, classify_(*response))));
  return response;
}

}  // namespace weir::pipeline
