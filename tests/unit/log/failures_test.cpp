#include "log/failures.h"

#include <gmock/gmock.h>
#include <weir/testing/manual_clock.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FailuresTest : public ::testing::Test {
 protected:
  void fail(const std::string& message) {
    failures_.add({.code = ErrorCode::kStoreUnusable, .message = message});
  }

  std::vector<std::string> lines_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{12h});
  Failures failures_{[this](LogLevel, std::string_view line) { lines_.emplace_back(line); },
                     clock_};
};

TEST_F(FailuresTest, AreToldOnceForEachChangedMessageAndAgainEachHour) {
  for (int i = 0; i < 5; ++i) fail("no table outbox");
  EXPECT_THAT(lines_, ElementsAre("no table outbox"));
  fail("the disk is full");
  fail("no table outbox");
  EXPECT_EQ(lines_.size(), 3U);
  for (int minute = 0; minute < 150; ++minute) {
    clock_->advance(1min);
    fail("no table outbox");
  }
  EXPECT_EQ(lines_.size(), 5U);
}

TEST_F(FailuresTest, TheLastIsKept) {
  EXPECT_FALSE(failures_.last());
  fail("first");
  clock_->advance(1min);
  fail("second");
  EXPECT_EQ(failures_.last()->error.message, "second");
  EXPECT_EQ(failures_.last()->time, TimePoint{12h + 1min});
}

TEST_F(FailuresTest, AnExceptionIsOneWhateverItIs) {
  for (int kind = 0; kind < 2; ++kind) {
    try {
      if (kind == 0) throw std::runtime_error("played");
      throw 42;
    } catch (...) {
      failures_.add_exception();
    }
  }
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("played"), HasSubstr("no std::exception")));
}

TEST_F(FailuresTest, ALackOfMemoryIsNotTold) {
  try {
    throw std::bad_alloc();
  } catch (...) {
    failures_.add_exception();
  }
  EXPECT_THAT(lines_, IsEmpty());
}

}  // namespace
}  // namespace weir
