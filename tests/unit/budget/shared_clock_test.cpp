#include "budget/shared_clock.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include "support/any_store.h"

namespace weir::budget {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{1000h};

class SharedClockTest : public testing::AnyStoreTest {
 protected:
  // The store's clock, which the test moves beside the host's.
  SharedClockTest() {
    store_.shared_time = [this](store::Statements&) {
      ++looks_;
      return there_.time_since_epoch();
    };
  }

  void pass(Milliseconds time) {
    clock_->advance(time);
    there_ += time;
  }

  store::Store store_ = file_.open();
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(kStart);
  TimePoint there_ = kStart;
  int looks_ = 0;
  SharedClock shared_{store_, clock_};
};

TEST_P(SharedClockTest, ShowsTheStoresTimeHoweverFarTheHostIsAhead) {
  for (const Milliseconds ahead : {Milliseconds{0}, Milliseconds{150s}, Milliseconds{-150s},
                                   Milliseconds{24h * 365}, Milliseconds{-24h * 365}}) {
    there_ = clock_->now() - ahead;
    pass(1min);
    EXPECT_EQ(*shared_.ahead(), ahead);
    EXPECT_EQ(*shared_.now(), there_);
  }
}

TEST_P(SharedClockTest, LooksOnceAMinuteAndWhenTheWallClockIsSet) {
  ASSERT_TRUE(shared_.ahead());
  for (int i = 0; i < 59; ++i) {
    pass(1s);
    ASSERT_TRUE(shared_.ahead());
  }
  EXPECT_EQ(looks_, 1);
  pass(1s);
  ASSERT_TRUE(shared_.ahead());
  EXPECT_EQ(looks_, 2);
  clock_->set_wall_time(clock_->now() + 1h);
  EXPECT_EQ(*shared_.ahead(), 1h);
  EXPECT_EQ(looks_, 3);
}

TEST_P(SharedClockTest, KeepsADifferenceThatMattersToNobody) {
  ASSERT_EQ(*shared_.ahead(), 0ms);
  there_ += 400ms;
  pass(1min);
  EXPECT_EQ(*shared_.ahead(), 0ms);
}

TEST_P(SharedClockTest, IsTheHostsOwnWhereTheStoreHasNone) {
  store_.shared_time = {};
  EXPECT_EQ(*shared_.ahead(), 0ms);
  EXPECT_EQ(*shared_.now(), clock_->now());
}

WEIR_FOR_EVERY_STORE(SharedClockTest);

}  // namespace
}  // namespace weir::budget
