#include "calling/calls.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "os/part_file.h"
#include "pacing/retry_policy.h"
#include "pipeline/exempt_table.h"

namespace weir {
namespace {

// However little is left of the deadline, a call that is made has its moment.
constexpr Milliseconds kShortestCall = std::chrono::seconds{1};

std::string operation(const HttpRequest& request) { return request.method + " " + request.path; }

Error not_worth_it(double price, double worth) {
  return {.code = ErrorCode::kTimeout,
          .message = "a call costs " + std::to_string(std::llround(price)) +
                     " row-seconds just now, more than the " + std::to_string(std::llround(worth)) +
                     " that this one is worth; nothing was sent. Wait longer, or say that it is "
                     "worth more."};
}

Error stopped() { return {.code = ErrorCode::kCancelled, .message = "stopped; nothing was sent"}; }

}  // namespace

// Where the body of a success goes.
class Calls::Destination {
 public:
  static Result<Destination> of(const ApiCall& call) {
    Destination to;
    if (const auto* sink = std::get_if<BodySink>(&call.to); sink != nullptr && *sink)
      to.sink_ = *sink;
    const auto* path = std::get_if<std::filesystem::path>(&call.to);
    if (path == nullptr) return to;
    Result<os::PartFile> file = os::PartFile::open(path->string(), "call " + call.path);
    if (!file) return file.error();
    to.file_.emplace(std::move(*file));
    if (Result<void> emptied = to.file_->restart(""); !emptied) return emptied.error();
    return to;
  }

  bool is_elsewhere() const { return sink_ || file_; }
  bool has_begun() const { return bytes_ > 0; }
  std::int64_t bytes() const { return bytes_; }

  Result<void> take(const HttpResponse& head, std::string_view bytes) {
    bytes_ += static_cast<std::int64_t>(bytes.size());
    if (file_) return file_->append(bytes);
    if (sink_(head, bytes)) return {};
    return Error{.code = ErrorCode::kCancelled,
                 .message = "the rest of the answer was not wanted",
                 .may_have_been_sent = true};
  }

  Result<void> finish(bool is_success) {
    if (!file_) return {};
    if (is_success) return file_->finish();
    file_->discard();
    return {};
  }

 private:
  BodySink sink_;
  std::optional<os::PartFile> file_;
  std::int64_t bytes_ = 0;
};

Result<ApiAnswer> Calls::call(const ApiCall& call, const Context& context) {
  const Result<api::PlannedCall> planned = seams_.platform.plan(call);
  if (!planned) return planned.error();
  Result<Destination> to = Destination::of(call);
  if (!to) return to.error();
  const Milliseconds now = seams_.clock->steady_now();
  const Context limited = context.until(
      call.deadline < Milliseconds::max() - now ? now + call.deadline : Milliseconds::max());
  Result<ApiAnswer> answer = [&]() -> Result<ApiAnswer> {
    if (Result<void> worth = wait_until_worth(call, limited); !worth) return worth.error();
    return planned->changes_source ? change_source(*planned, *to, limited)
                                   : make(*planned, *to, limited);
  }();
  const bool is_success = answer && answer->status / 100 == 2;
  if (Result<void> finished = to->finish(is_success); !finished) return finished.error();
  return answer;
}

Result<void> Calls::wait_until_worth(const ApiCall& call, const Context& context) {
  const double worth = call.worth.in_row_seconds();
  if (std::isinf(worth)) return {};
  while (true) {
    const auto waiting = seams_.outbox.pending();
    if (!waiting) return waiting.error();
    if (Result<void> looked = seams_.pricing.look_at(*waiting); !looked) return looked;
    const Result<double> price = seams_.pricing.shown();
    if (!price) return price.error();
    if (*price <= worth) return {};
    const std::optional<TimePoint> renews = seams_.pricing.renews_at();
    const Milliseconds left = context.left(seams_.clock->steady_now());
    if (!renews) return not_worth_it(*price, worth);
    const Milliseconds rest = std::max(*renews - seams_.clock->now(), Milliseconds{1});
    if (rest >= left) return not_worth_it(*price, worth);
    if (!seams_.clock->wait(rest, context.stop)) return stopped();
  }
}

// What waits goes first, so that it is not laid over what the call changes. What Weir knows of the
// rows is given up before a byte leaves: a crash must not leave it in the belief.
Result<ApiAnswer> Calls::change_source(const api::PlannedCall& planned, Destination& to,
                                       const Context& context) {
  const std::string& source = *planned.changes_source;
  if (Result<void> drained = seams_.drain(source, context); !drained) return drained.error();
  const Result<budget::Lease> writer = seams_.take_writer(source, context);
  if (!writer) return writer.error();
  if (Result<void> unknown = seams_.outbox.forget_rows(source, planned.changes_columns); !unknown)
    return unknown.error();
  return make(planned, to, context);
}

Result<ApiAnswer> Calls::make(const api::PlannedCall& planned, Destination& to,
                              const Context& context) {
  const bool is_charged = !pipeline::is_exempt(planned.request);
  std::int64_t calls = 0;
  api::BodyTaker taker;
  if (to.is_elsewhere()) {
    taker = [&](const HttpResponse& head, std::string_view bytes) { return to.take(head, bytes); };
  }
  HttpRequest request = planned.request;
  for (int failures = 1;; ++failures) {
    request.timeout = std::max(kShortestCall, context.left(seams_.clock->steady_now()));
    Result<HttpResponse> response =
        seams_.platform.call(request, "calling " + operation(request), taker, context);
    if (is_charged && (response || response.error().may_have_been_sent)) ++calls;
    if (response) {
      const auto size = static_cast<std::int64_t>(response->body.size());
      return ApiAnswer{.status = response->status,
                       .headers = std::move(response->headers),
                       .body = std::move(response->body),
                       .bytes = std::max(to.bytes(), size),
                       .calls = calls};
    }
    const Error& error = response.error();
    const bool may_repeat =
        (request.method == "GET" || !error.may_have_been_sent) && !to.has_begun();
    const auto rest = pacing::rest_after(error, failures);
    if (!may_repeat || !rest || *rest >= context.left(seams_.clock->steady_now())) return error;
    if (!seams_.clock->wait(*rest, context.stop)) return error;
  }
}

}  // namespace weir
