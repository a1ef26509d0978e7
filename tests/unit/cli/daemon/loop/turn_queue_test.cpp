#include "daemon/loop/turn_queue.h"

#include <gtest/gtest.h>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

class TurnQueueTest : public ::testing::Test {
 protected:
  std::optional<TurnQueue::Id> take(Milliseconds after = 0s) {
    return queue_.take(kStart + after, true);
  }

  TurnQueue queue_;
};

TEST_F(TurnQueueTest, GivesTheFirstTurnAtOnceAndInOrder) {
  const auto one = queue_.add(TurnKind::kQuick);
  const auto two = queue_.add(TurnKind::kQuick);
  EXPECT_EQ(take(), one);
  EXPECT_EQ(take(), two);
  EXPECT_EQ(take(), std::nullopt);
}

TEST_F(TurnQueueTest, GivesTheNextTurnWhenItIsDue) {
  const auto task = *std::optional(queue_.add(TurnKind::kQuick));
  take();
  queue_.finished(task, kStart + 10s);
  EXPECT_EQ(queue_.next_due(), kStart + 10s);
  EXPECT_EQ(take(9s), std::nullopt);
  EXPECT_EQ(take(10s), task);
}

TEST_F(TurnQueueTest, RunsNoTaskTwiceAtOnce) {
  const auto task = queue_.add(TurnKind::kQuick);
  take();
  queue_.wake(task);
  queue_.wake(task);
  EXPECT_EQ(take(), std::nullopt);
  queue_.finished(task, kStart + 1h);
  EXPECT_EQ(take(), task) << "it was woken while it ran";
  queue_.finished(task, std::nullopt);
  EXPECT_EQ(take(2h), std::nullopt) << "two wakings are one turn, and the older timer is void";
}

TEST_F(TurnQueueTest, ForgetsTheTimerOfATaskThatWasWoken) {
  const auto task = queue_.add(TurnKind::kQuick);
  take();
  queue_.finished(task, kStart + 10s);
  queue_.wake(task);
  EXPECT_EQ(take(1s), task);
  queue_.finished(task, kStart + 20s);
  EXPECT_EQ(take(10s), std::nullopt);
  EXPECT_EQ(take(20s), task);
}

TEST_F(TurnQueueTest, GivesNoTurnToATaskThatWasRemoved) {
  const auto waits = queue_.add(TurnKind::kQuick);
  queue_.remove(waits);
  EXPECT_EQ(take(), std::nullopt);
  const auto runs = queue_.add(TurnKind::kQuick);
  take();
  queue_.remove(runs);
  EXPECT_TRUE(queue_.is_running(runs));
  queue_.finished(runs, kStart);
  EXPECT_EQ(take(1h), std::nullopt);
  EXPECT_EQ(queue_.size(), 0U);
  queue_.wake(runs);
  EXPECT_EQ(take(1h), std::nullopt);
}

TEST_F(TurnQueueTest, PassesSlowOnesOverWhereThereIsNoPlace) {
  const auto slow = queue_.add(TurnKind::kSlow);
  const auto quick = queue_.add(TurnKind::kQuick);
  EXPECT_EQ(queue_.take(kStart, false), quick);
  EXPECT_EQ(queue_.take(kStart, false), std::nullopt);
  EXPECT_EQ(queue_.take(kStart, true), slow);
  EXPECT_EQ(queue_.slow_running(), 1U);
  queue_.finished(slow, std::nullopt);
  EXPECT_EQ(queue_.slow_running(), 0U);
}

}  // namespace
}  // namespace weir::daemon
