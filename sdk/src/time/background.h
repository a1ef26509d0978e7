// Background: a thread that does what is due, again and again, and rests until the next is due or
// there are news. Its owner ends it before what the step uses goes away. Safe to use from several
// threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "log/failures.h"

namespace weir {

// The longest rest: the clock may be set, and other processes may have kept something.
inline constexpr Milliseconds kLongestNap = std::chrono::seconds{30};

class Background {
 public:
  // Does what is due; says when the next is. Empty: only when there are news.
  using Step = std::function<Result<std::optional<TimePoint>>(const std::stop_token&)>;

  Background(std::shared_ptr<Clock> clock, Failures& failures, Step step)
      : clock_(std::move(clock)), failures_(failures), step_(std::move(step)) {}

  // One step: what goes wrong is only noted. Returns how long to rest then.
  Milliseconds run_and_rest(const std::stop_token& stop) noexcept;

  // There is something new to look at.
  void news();

  // Does so from now on, in a thread; once it runs, again is no harm.
  void start();
  // The step under way is finished.
  void request_stop();
  void stop();

 private:
  void run(const std::stop_token& stop);

  const std::shared_ptr<Clock> clock_;
  Failures& failures_;
  const Step step_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool has_news_ = false;
  std::jthread thread_;
};

}  // namespace weir
