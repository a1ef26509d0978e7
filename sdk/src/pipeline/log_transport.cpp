#include "pipeline/log_transport.h"

#include <utility>

namespace weir::pipeline {
namespace {

std::string describe(const HttpRequest& request, Milliseconds took) {
  return request.method + " " + request.path + " " + request.target + ", " +
         std::to_string(request.rows) + " row(s), reason " + request.reason + ", " +
         std::to_string(took.count()) + " ms";
}

}  // namespace

LogTransport::LogTransport(std::shared_ptr<Transport> next, std::shared_ptr<Clock> clock,
                           LogSink log)
    : next_(std::move(next)), clock_(std::move(clock)), log_(std::move(log)) {}

Result<HttpResponse> LogTransport::send(const HttpRequest& request) {
  const Milliseconds start = clock_->steady_now();
  Result<HttpResponse> response = next_->send(request);
  if (!log_) return response;
  const std::string what = describe(request, clock_->steady_now() - start);
  if (response) {
    log_(LogLevel::kDebug, what + ": status " + std::to_string(response->status) + ", " +
                               std::to_string(response->body.size()) + " bytes");
  } else {
    log_(LogLevel::kWarning, what + ": " + response.error().message);
  }
  return response;
}

}  // namespace weir::pipeline
