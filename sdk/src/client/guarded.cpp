#include "client/guarded.h"

namespace weir {
namespace {

class GuardedTransport final : public Transport {
 public:
  explicit GuardedTransport(std::shared_ptr<Transport> next) : next_(std::move(next)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    Result<HttpResponse> response = HttpResponse{};
    Result<void> ended = os::guarded("the transport", [&]() -> Result<void> {
      response = next_->send(request);
      return {};
    });
    if (ended) return response;
    ended.error().may_have_been_sent = true;
    return ended.error();
  }

 private:
  const std::shared_ptr<Transport> next_;
};

}  // namespace

std::shared_ptr<Transport> guarded(std::shared_ptr<Transport> transport) {
  return std::make_shared<GuardedTransport>(std::move(transport));
}

}  // namespace weir
