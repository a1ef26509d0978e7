#include "budget/leases.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/testing/manual_clock.h>

#include <thread>

#include "support/any_store.h"

namespace weir::budget {
namespace {

using namespace std::chrono_literals;
using testing::ManualClock;

class LeasesTest : public testing::AnyStoreTest {
 protected:
  std::optional<Lease> take(const std::string& name, Milliseconds call_time = 60s) {
    return std::move(*leases_.try_take(name, call_time));
  }

  // A process that takes the lease and is killed while it holds it.
  void take_and_die(const std::string& name, Milliseconds call_time) {
    const pid_t child = ::fork();
    if (child == 0) {
      store::Store store = file_.open();
      Leases leases(store, clock_, 2s);
      const auto lease = leases.try_take(name, call_time);
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    // A database server takes a moment to see that a session is gone.
    while (*store_.locks->is_locked(name)) std::this_thread::yield();
  }

  store::Store store_ = file_.open();
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(TimePoint{});
  Leases leases_{store_, clock_, 2s};
};

TEST_P(LeasesTest, GivesALeaseToOneHolderAtATime) {
  const auto held = take("connection-0");
  EXPECT_TRUE(held);
  EXPECT_FALSE(take("connection-0"));
  EXPECT_TRUE(take("connection-1"));
}

TEST_P(LeasesTest, GivesAReleasedLeaseOutAtOnce) {
  { const auto held = take("connection-0"); }
  EXPECT_TRUE(take("connection-0"));
}

TEST_P(LeasesTest, LetsTheLeaseOfADeadHolderRest) {
  take_and_die("connection-0", 60s);
  EXPECT_FALSE(take("connection-0"));
  clock_->advance(1999ms);
  EXPECT_FALSE(take("connection-0"));
  clock_->advance(1ms);
  EXPECT_TRUE(take("connection-0"));
}

TEST_P(LeasesTest, NeverRestsPastTheDeadlineOfTheDeadCall) {
  take_and_die("connection-0", 500ms);
  EXPECT_FALSE(take("connection-0"));
  clock_->advance(500ms);
  EXPECT_TRUE(take("connection-0"));
}

TEST_P(LeasesTest, DoesNotRestAtAllWhenTheDeadlineHasPassed) {
  take_and_die("connection-0", 500ms);
  clock_->advance(1s);
  EXPECT_TRUE(take("connection-0"));
}

TEST_P(LeasesTest, RestsNoLongerThanItMayAfterTheHostRestarted) {
  take_and_die("connection-0", 24h * 365);
  EXPECT_FALSE(take("connection-0"));
  // Steady time begins anew with the host: the ledger's line now seems to lie far ahead.
  const auto restarted = std::make_shared<ManualClock>(TimePoint{});
  Leases after(store_, restarted, 2s);
  restarted->advance(-1h);
  EXPECT_FALSE(*after.try_take("connection-0", 60s));
  restarted->advance(2s);
  EXPECT_TRUE(*after.try_take("connection-0", 60s));
}

TEST_P(LeasesTest, WaitsForTheFirstThatBecomesFree) {
  const std::vector<std::string> names = connection_lease_names(3);
  auto first = take(names[0]);
  auto second = take(names[1]);
  EXPECT_TRUE(*leases_.take_any(names, 60s, 0s));
  take_and_die(names[2], 60s);
  EXPECT_TRUE(*leases_.take_any(names, 60s, 3s)) << "the third one rests two seconds";
}

TEST_P(LeasesTest, GivesUpWaitingWhenTheTimeHasPassed) {
  const auto held = take("writer-OUTAGES");
  EXPECT_FALSE(*leases_.take_any({"writer-OUTAGES"}, 60s, 1s));
}

TEST_P(LeasesTest, CountsWhatIsHeldNow) {
  const std::vector<std::string> names = connection_lease_names(3);
  const auto held = take(names[1]);
  EXPECT_EQ(*leases_.held(names), 1);
}

WEIR_FOR_EVERY_STORE(LeasesTest);

}  // namespace
}  // namespace weir::budget
