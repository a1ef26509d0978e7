// LogTransport: one log line per request, with what it was and how it ended; never a query, a body
// or a header.
//
// It stands between the budget and the wire, so it sees only requests that are really sent. As
// thread-safe as its sink.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/transport.h>

#include <memory>

namespace weir::pipeline {

class LogTransport final : public Transport {
 public:
  // Without a sink, requests pass through unseen.
  LogTransport(std::shared_ptr<Transport> next, std::shared_ptr<Clock> clock, LogSink log);

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  const std::shared_ptr<Transport> next_;
  const std::shared_ptr<Clock> clock_;
  const LogSink log_;
};

}  // namespace weir::pipeline
