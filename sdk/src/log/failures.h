// log/: what is told to the program that uses Weir, by the sink that it passes.
//
// Failures: what goes wrong in a thread that nobody waits for. Told once for each message that
// differs from the one before, and again each hour; the last is kept. Safe to use from several
// threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>
#include <weir/log.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weir {

class Failures {
 public:
  struct Last {
    Error error;
    TimePoint time;
  };

  Failures(LogSink log, std::shared_ptr<Clock> clock)
      : log_(std::move(log)), clock_(std::move(clock)) {}

  void add(const Error& error);

  // The exception that is being handled, which must not end the thread. A lack of memory is not
  // told, for that needs some.
  void add_exception() noexcept;

  // Empty: nothing has failed.
  std::optional<Last> last() const;

 private:
  const LogSink log_;
  const std::shared_ptr<Clock> clock_;
  mutable std::mutex mutex_;
  std::optional<Last> last_;
  Milliseconds told_at_ = {};  // steady
};

}  // namespace weir
