// Turns: one at a time may read a data source; who comes while a turn takes too long is sent away
// instead of waiting with all the others. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::sync {

class Turns {
 public:
  explicit Turns(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}

  // Ends the turn when it is destroyed.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->end();
    }

   private:
    Turns* turns_;
  };

  // Waits for a turn. kUnavailable: the one under way has taken kPatience, or so many wait for it
  // after a second that they would leave no thread for others.
  Result<Turn> take();

  // How long the turn under way has taken, when that is longer than anybody waits for it.
  std::optional<Milliseconds> overdue() const;

  int waiting() const;

  static constexpr Milliseconds kPatience{5000};
  static constexpr Milliseconds kPatienceOfMany{1000};
  static constexpr int kMany = 32;

 private:
  void end();
  Milliseconds taken() const;

  const std::shared_ptr<Clock> clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::optional<Milliseconds> since_;  // a turn is under way
  int waiting_ = 0;
};

}  // namespace weir::sync
