#include "daemon/loop/task_pool.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <atomic>
#include <latch>
#include <semaphore>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

class FunctionTask final : public Task {
 public:
  using Run = std::function<std::optional<TimePoint>(std::stop_token)>;
  explicit FunctionTask(Run run) : run_(std::move(run)) {}
  std::optional<TimePoint> run(std::stop_token stop) override { return run_(std::move(stop)); }
  TaskStatus status() const override { return {}; }

 private:
  const Run run_;
};

class TaskPoolTest : public ::testing::Test {
 protected:
  TaskPool::Id add(TurnKind kind, FunctionTask::Run run) {
    return pool_->add(pool_->place(), std::make_shared<FunctionTask>(std::move(run)), kind);
  }

  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{1000s});
  std::unique_ptr<TaskPool> pool_ = std::make_unique<TaskPool>(clock_, 2);
};

TEST_F(TaskPoolTest, GivesTurnsWhenTheyAreDueAndWhenSomebodyAsks) {
  std::counting_semaphore<> turns(0);
  const TaskPool::Place place = pool_->place();
  pool_->add(place, std::make_shared<FunctionTask>([&](const std::stop_token&) {
               turns.release();
               return std::optional(clock_->now() + 1h);
             }),
             TurnKind::kQuick);
  turns.acquire();
  place.waker()();
  turns.acquire();
  clock_->advance(2h);
  pool_->clock_has_moved();
  turns.acquire();
  pool_.reset();
}

TEST_F(TaskPoolTest, KeepsThreadsForQuickTurnsWhateverSlowOnesDo) {
  std::latch hang(1);
  std::atomic<int> hanging = 0;
  for (int i = 0; i < 10; ++i) {
    add(TurnKind::kSlow, [&](const std::stop_token&) {
      ++hanging;
      hang.wait();
      return std::optional<TimePoint>();
    });
  }
  std::counting_semaphore<> quick(0);
  for (int i = 0; i < 20; ++i) {
    add(TurnKind::kQuick, [&](const std::stop_token&) {
      quick.release();
      return std::optional<TimePoint>();
    });
  }
  for (int i = 0; i < 20; ++i) quick.acquire();
  EXPECT_LE(hanging, 2);
  EXPECT_LE(pool_->threads(), 6U);
  hang.count_down();
  pool_.reset();
}

TEST_F(TaskPoolTest, HasAFewThreadsHoweverManyTasksWait) {
  std::counting_semaphore<> turns(0);
  for (int i = 0; i < 1000; ++i) {
    add(TurnKind::kSlow, [&](const std::stop_token&) {
      turns.release();
      return std::optional(clock_->now() + 1h);
    });
  }
  for (int i = 0; i < 1000; ++i) turns.acquire();
  EXPECT_LE(pool_->threads(), 6U);
  EXPECT_EQ(pool_->tasks(), 1000U);
  pool_.reset();
}

TEST_F(TaskPoolTest, StopsATaskBeforeItForgetsIt) {
  std::latch begun(1);
  std::atomic<bool> has_ended = false;
  const TaskPool::Id task = add(TurnKind::kSlow, [&](const std::stop_token& stop) {
    begun.count_down();
    std::binary_semaphore stopped(0);
    const std::stop_callback on_stop(stop, [&] { stopped.release(); });
    stopped.acquire();
    has_ended = true;
    return std::optional<TimePoint>();
  });
  begun.wait();
  pool_->remove(task);
  EXPECT_TRUE(has_ended);
  EXPECT_EQ(pool_->tasks(), 0U);
}

TEST_F(TaskPoolTest, SaysWhetherEverythingHasEnded) {
  std::latch hang(1);
  std::latch begun(1);
  add(TurnKind::kSlow, [&](const std::stop_token&) {
    begun.count_down();
    hang.wait();
    return std::optional<TimePoint>();
  });
  begun.wait();
  EXPECT_FALSE(pool_->stop(0ms));
  hang.count_down();
  EXPECT_TRUE(pool_->stop(1h));
}

TEST_F(TaskPoolTest, AWakerOutlivesItsTaskAndThePool) {
  const TaskPool::Place place = pool_->place();
  const Waker waker = place.waker();
  waker();
  pool_->remove(pool_->add(
      place, std::make_shared<FunctionTask>([](const std::stop_token&) { return std::nullopt; }),
      TurnKind::kQuick));
  waker();
  const TaskPool::Place other = pool_->place();
  pool_->add(other,
             std::make_shared<FunctionTask>([](const std::stop_token&) { return std::nullopt; }),
             TurnKind::kQuick);
  pool_.reset();
  other.waker()();
}

}  // namespace
}  // namespace weir::daemon
