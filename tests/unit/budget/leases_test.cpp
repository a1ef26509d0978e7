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

  Context within(Milliseconds time) const { return {.deadline = clock_->steady_now() + time}; }

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

TEST_P(LeasesTest, RenewsALeaseForAsLongAsItsHolderIsAtWork) {
  const auto held = take("writer-A", 10s);
  clock_->advance(9s);
  ASSERT_TRUE(leases_.renew(*held, 30s));
  const auto deadline = store_.database->read([](store::Statements& sql) -> Result<std::int64_t> {
    return sql.run("SELECT call_time_ms FROM leases WHERE name = 'writer-A'").at(0).integer(0);
  });
  EXPECT_EQ(deadline.value(), 30000);
}

TEST_P(LeasesTest, DoesNotRenewWhatHasBecomeAnothers) {
  const auto held = take("writer-A");
  const auto taken_over = store_.database->write([](store::Statements& sql) -> Result<void> {
    sql.run("UPDATE leases SET holder = 'another'");
    return {};
  });
  ASSERT_TRUE(taken_over);
  EXPECT_EQ(leases_.renew(*held, 30s).error().code, ErrorCode::kConflict);
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

// The database of a store, with its transactions counted.
class CountingDatabase final : public store::Database {
 public:
  explicit CountingDatabase(std::unique_ptr<store::Database> counted)
      : counted_(std::move(counted)) {}

  int writes = 0;
  int reads = 0;

 private:
  Result<void> transact(Access access,
                        const std::function<bool(store::Statements&)>& body) override {
    const auto run = [&](store::Statements& sql) -> Result<bool> { return body(sql); };
    ++(access == Access::kRead ? reads : writes);
    const Result<bool> done = access == Access::kRead ? counted_->read(run) : counted_->write(run);
    return done ? Result<void>() : done.error();
  }

  const std::unique_ptr<store::Database> counted_;
};

TEST_P(LeasesTest, WritesOnceForEachLeaseThatRestsHoweverLongSomebodyWaits) {
  take_and_die("connection-0", 60s);
  take_and_die("connection-1", 60s);
  store::Store waiting = file_.open();
  auto counting = std::make_unique<CountingDatabase>(std::move(waiting.database));
  CountingDatabase& counted = *counting;
  waiting.database = std::move(counting);
  Leases leases(waiting, clock_, 30s);
  EXPECT_FALSE(
      leases
          .take_any({"connection-0", "connection-1"}, 60s, {.deadline = clock_->steady_now() + 25s})
          ->has_value());
  EXPECT_EQ(counted.writes, 2);
  EXPECT_LE(counted.reads, 2 * 26);
  const Milliseconds before = clock_->steady_now();
  EXPECT_TRUE(
      leases
          .take_any({"connection-0", "connection-1"}, 60s, {.deadline = clock_->steady_now() + 30s})
          ->has_value());
  EXPECT_EQ(clock_->steady_now() - before, 5s) << "as soon as the rest is over";
}

// A cleaner of /tmp, say: the locks of those who are at work exclude nobody any more.
TEST_P(LeasesTest, TakesNoLeaseOfALivingHolderWhoseLockFileIsGone) {
  if (GetParam() != testing::StoreKind::kSqlite) GTEST_SKIP() << "has no lock file";
  // A lease that no other test has left behind in this process.
  const auto held = take("connection-9", 60s);
  ASSERT_TRUE(held);
  ASSERT_EQ(::unlink((file_.location() + ".lock").c_str()), 0);
  store::Store store = file_.open();
  Leases others(store, clock_, 2s);
  EXPECT_FALSE(others.try_take("connection-9", 60s)->has_value());
  clock_->advance(59s);
  EXPECT_FALSE(others.try_take("connection-9", 60s)->has_value());
  clock_->advance(1s);
  EXPECT_TRUE(others.try_take("connection-9", 60s)->has_value()) << "the call's time is over";
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
  EXPECT_TRUE(*leases_.take_any(names, 60s, within(0s)));
  take_and_die(names[2], 60s);
  EXPECT_TRUE(*leases_.take_any(names, 60s, within(3s))) << "the third one rests two seconds";
}

TEST_P(LeasesTest, GivesUpWaitingWhenTheTimeHasPassed) {
  const auto held = take("writer-OUTAGES");
  EXPECT_FALSE(*leases_.take_any({"writer-OUTAGES"}, 60s, within(1s)));
}

TEST_P(LeasesTest, CountsWhatIsHeldNow) {
  const std::vector<std::string> names = connection_lease_names(3);
  const auto held = take(names[1]);
  EXPECT_EQ(*leases_.held(names), 1);
}

WEIR_FOR_EVERY_STORE(LeasesTest);

TEST_P(LeasesTest, IsNotWaitedForAfterAStop) {
  const auto held = take("writer-OUTAGES");
  std::stop_source stop;
  stop.request_stop();
  const auto lease = leases_.take_any({"writer-OUTAGES"}, 60s, {.stop = stop.get_token()});
  EXPECT_EQ(lease.error().code, ErrorCode::kCancelled);
  EXPECT_LE(clock_->steady_now(), 1s);
}

}  // namespace
}  // namespace weir::budget
