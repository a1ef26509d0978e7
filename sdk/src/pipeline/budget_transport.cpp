#include "pipeline/budget_transport.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "pipeline/exempt_table.h"

namespace weir::pipeline {
namespace {

Error no_lease(const BudgetOptions& options, Milliseconds waited) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waited).count();
  const std::string time = seconds == 0 ? "" : " for " + std::to_string(seconds) + " s";
  return {.code = ErrorCode::kTooManyConnections,
          .message = "all " + std::to_string(options.max_connections) +
                     " connections of the organization were in use" + time +
                     "; nothing was sent. Try again, or wait longer."};
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

budget::CallEntry entry_of(const HttpRequest& request, bool is_charged) {
  return {.method = request.method,
          .target = request.path + (request.target.empty() ? "" : " " + request.target),
          .rows = request.rows,
          .reason = request.reason,
          .charged = is_charged,
          .is_for_people = request.is_for_people};
}

budget::CallAnswer what_the_ledger_heeds(const HttpResponse& response, const Answer& answer) {
  budget::CallAnswer told{.word = word_of(answer.kind), .status = response.status};
  told.is_certain = answer.is_certain;
  if (answer.served_at) told.date = *answer.served_at;
  return told;
}

// A host that sleeps again and again in the middle of a call is to be tried later.
constexpr int kMostBeginnings = 3;

Error always_too_late() {
  return {.code = ErrorCode::kTimeout,
          .message =
              "this process, or its host, slept between spending a call and sending it; "
              "nothing was sent, and the call was given back"};
}

// Hands a request its last look for the length of one sending.
class LastLook {
 public:
  LastLook(const HttpRequest& request, std::function<bool()> look) : request_(request) {
    request_.may_still_be_sent = std::move(look);
  }
  LastLook(const LastLook&) = delete;
  LastLook& operator=(const LastLook&) = delete;
  ~LastLook() { request_.may_still_be_sent = nullptr; }

 private:
  const HttpRequest& request_;
};

}  // namespace

BudgetTransport::BudgetTransport(std::shared_ptr<Transport> next, budget::Ledger& ledger,
                                 budget::Leases& leases, Classifier classify, BudgetOptions options)
    : next_(std::move(next)),
      ledger_(ledger),
      leases_(leases),
      classify_(std::move(classify)),
      options_(options),
      connections_(budget::connection_lease_names(options.max_connections)) {}

Result<HttpResponse> BudgetTransport::send(const HttpRequest& request, const Context& context) {
  const bool exempt = is_exempt(request);
  for (int tried = 0; tried < kMostBeginnings; ++tried) {
    if (Sent sent = try_to_send(request, exempt, context)) return std::move(*sent);
  }
  return always_too_late();
}

BudgetTransport::Sent BudgetTransport::try_to_send(const HttpRequest& request, bool exempt,
                                                   const Context& context) {
  const Milliseconds begun = leases_.steady_now();
  const Context calls = context.is_over(begun) ? Context{.stop = context.stop} : context;
  if (exempt && !options_.exempt_take_connection)
    return spend_and_send(request, false, ledger_.host_time(), calls);
  Result<int> allowed = ledger_.connections_allowed();
  if (!allowed) return allowed.error();
  // Downloads may last: one connection is left to calls where there are several.
  const int kept = exempt && *allowed > 1 ? 1 : 0;
  const std::vector<std::string> open(connections_.begin() + kept, connections_.begin() + *allowed);
  Result<std::optional<budget::Lease>> lease =
      leases_.take_any(open, request.timeout, context.until(begun + options_.wait));
  if (!lease) return lease.error();
  if (!lease->has_value()) return no_lease(options_, leases_.steady_now() - begun);
  return spend_and_send(request, !exempt, ledger_.host_time(), calls);
}

BudgetTransport::Sent BudgetTransport::spend_and_send(const HttpRequest& request, bool is_charged,
                                                      const budget::HostTime& begun,
                                                      const Context& context) {
  const Result<budget::SpentCall> call = spend(request, entry_of(request, is_charged), context);
  if (!call) return call.error();
  return send_spent(request, *call, begun);
}

// Where two answers contradict each other, a third tells which of them to believe.
Result<budget::SpentCall> BudgetTransport::spend(const HttpRequest& request,
                                                 const budget::CallEntry& entry,
                                                 const Context& context) {
  Result<budget::SpentCall> call = spend_within(entry, context);
  for (int asked = 0; asked < 2 && is_spent_day(call); ++asked) {
    const Result<budget::DayDoubt> doubt =
        ledger_.doubt_of_day(asked == 0 && budget::is_for_people(entry));
    if (!doubt) return doubt.error();
    if (*doubt == budget::DayDoubt::kNone) return call;
    const Result<HttpResponse> told = ask_time(request);
    // With nothing known the day may well have begun: this is to be tried again soon.
    if (!told) return *doubt == budget::DayDoubt::kUnknown ? told.error() : call;
    call = spend_within(entry, context);
  }
  return call;
}

Result<budget::SpentCall> BudgetTransport::spend_within(const budget::CallEntry& entry,
                                                        const Context& context) {
  if (context.is_stopped())
    return Error{.code = ErrorCode::kCancelled, .message = "stopped; nothing was sent"};
  if (context.is_over(leases_.steady_now()))
    return Error{.code = ErrorCode::kTimeout,
                 .message = "the time allowed passed while waiting; nothing was sent"};
  return ledger_.spend(entry);
}

// Not charged, so it is never refused and asks nothing itself.
Result<HttpResponse> BudgetTransport::ask_time(const HttpRequest& call) {
  const HttpRequest request = time_request(call);
  const Result<budget::SpentCall> noted = ledger_.spend(entry_of(request, false));
  if (!noted) return noted.error();
  Sent sent = send_spent(request, *noted, ledger_.host_time());
  return sent ? std::move(*sent) : Result<HttpResponse>(always_too_late());
}

// By the wall clock too: steady time stands still while a machine sleeps. The lease may be
// another's once the time of the call is over, and the ledger has charged the call to the days on
// which it could fall when it was spent.
bool BudgetTransport::is_too_late(const HttpRequest& request, const budget::SpentCall& call,
                                  const budget::HostTime& begun) const {
  const budget::HostTime now = ledger_.host_time();
  const auto since = [&](const budget::HostTime& then) {
    return std::max(now.steady - then.steady, now.wall - then.wall);
  };
  return since(begun) >= request.timeout || since(call.sent) >= call.good_for;
}

// What the ledger cannot note afterwards does not undo the answer: the call is already spent.
BudgetTransport::Sent BudgetTransport::send_spent(const HttpRequest& request,
                                                  const budget::SpentCall& call,
                                                  const budget::HostTime& begun) {
  bool too_late = false;
  const auto look = [&] {
    too_late = too_late || is_too_late(request, call, begun);
    return !too_late;
  };
  const LastLook last_look(request, look);
  Result<HttpResponse> response =
      look() ? next_->send(request) : Result<HttpResponse>(always_too_late());
  if (!response) {
    const bool may_have_left = response.error().may_have_been_sent;
    if (!may_have_left) static_cast<void>(ledger_.refund(call));
    if (too_late && !may_have_left) return std::nullopt;
    return response;
  }
  static_cast<void>(ledger_.settle(call, what_the_ledger_heeds(*response, classify_(*response))));
  return response;
}

}  // namespace weir::pipeline
