#include "daemon/seeing/status_events.h"

#include <utility>

#include "daemon/seeing/status_json.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kEvery = std::chrono::seconds{2};
constexpr std::string_view kBeat = "event: beat\ndata: {}\n\n";

}  // namespace

class StatusEvents::Stream final : public server::HttpStream {
 public:
  explicit Stream(StatusEvents& events) : events_(events) {}
  ~Stream() override { --events_.streams_; }

  std::string_view next() override {
    const News& news = events_.look();
    if (looks_ == news.looks) return {};
    looks_ = news.looks;
    if (told_ == news.event) return kBeat;
    told_ = news.event;
    return *told_;
  }

 private:
  StatusEvents& events_;
  std::uint64_t looks_ = 0;
  std::shared_ptr<const std::string> told_ = {};
};

StatusEvents::StatusEvents(std::function<Status()> status, std::shared_ptr<Clock> clock)
    : status_(std::move(status)), clock_(std::move(clock)) {}

std::unique_ptr<server::HttpStream> StatusEvents::open() {
  if (++streams_ > kMostStreams) {
    --streams_;
    return nullptr;
  }
  return std::make_unique<Stream>(*this);
}

const StatusEvents::News& StatusEvents::look() {
  const Milliseconds now = clock_->steady_now();
  if (news_.looks > 0 && now - news_.looked_at < kEvery) return news_;
  std::string event = "event: status\ndata: " + as_json(status_()) + "\n\n";
  if (news_.event == nullptr || *news_.event != event)
    news_.event = std::make_shared<const std::string>(std::move(event));
  news_.looked_at = now;
  ++news_.looks;
  return news_;
}

}  // namespace weir::daemon
