#include "input/bounded_call.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace weir::cli {
namespace {

constexpr int kMostAtWork = 64;

std::atomic<int> at_work = 0;

struct Call {
  std::mutex mutex;
  std::condition_variable_any ended;
  bool has_ended = false;  // guarded by mutex
};

}  // namespace

bool run_apart(std::function<void()> work) {
  if (at_work >= kMostAtWork) return false;
  ++at_work;
  try {
    std::thread([work = std::move(work)]() mutable {
      work();
      work = nullptr;
      --at_work;
    }).detach();
  } catch (const std::system_error&) {
    --at_work;
    return false;
  }
  return true;
}

CallEnd call_within(std::chrono::milliseconds longest, const std::stop_token& stop,
                    std::function<void()> work) {
  const auto call = std::make_shared<Call>();
  const bool is_begun = run_apart([call, work = std::move(work)] {
    work();
    const std::lock_guard lock(call->mutex);
    call->has_ended = true;
    call->ended.notify_all();
  });
  if (!is_begun) return CallEnd::kLate;
  std::unique_lock lock(call->mutex);
  if (call->ended.wait_for(lock, stop, longest, [&] { return call->has_ended; }))
    return CallEnd::kDone;
  return stop.stop_requested() ? CallEnd::kStopped : CallEnd::kLate;
}

}  // namespace weir::cli
