// The real clocks of this machine: the only place of the SDK that asks them.
#include <weir/clock.h>

#include <condition_variable>
#include <mutex>

namespace weir::inline v0 {
namespace {

class SystemClock final : public Clock {
 public:
  TimePoint now() const override {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  }

  Milliseconds steady_now() const override {
    return std::chrono::floor<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
  }

  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any never_notified;
    std::unique_lock lock(mutex);
    never_notified.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

std::shared_ptr<Clock> system_clock() { return std::make_shared<SystemClock>(); }

}  // namespace weir::inline v0
