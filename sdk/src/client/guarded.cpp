#include "client/guarded.h"

namespace weir {
namespace {

class GuardedTransport final : public Transport {
 public:
  explicit GuardedTransport(std::shared_ptr<Transport> next) : next_(std::move(next)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    return guarded("the transport", [&] { return next_->send(request); });
  }

 private:
  const std::shared_ptr<Transport> next_;
};

}  // namespace

LogSink guarded(LogSink log) {
  if (!log) return log;
  return [log = std::move(log)](LogLevel level, std::string_view line) {
    const Result<void> told = guarded("the log sink", [&]() -> Result<void> {
      log(level, line);
      return {};
    });
    static_cast<void>(told);
  };
}

std::function<void(TimePoint)> guarded(std::function<void(TimePoint)> on_due) {
  if (!on_due) return on_due;
  return [on_due = std::move(on_due)](TimePoint due) {
    const Result<void> told = guarded("on_due", [&]() -> Result<void> {
      on_due(due);
      return {};
    });
    static_cast<void>(told);
  };
}

std::shared_ptr<Transport> guarded(std::shared_ptr<Transport> transport) {
  return std::make_shared<GuardedTransport>(std::move(transport));
}

}  // namespace weir
