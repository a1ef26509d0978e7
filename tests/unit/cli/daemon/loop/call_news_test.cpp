#include "daemon/loop/call_news.h"

#include <gtest/gtest.h>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

const TimePoint kTime{1000h};

class CallNewsTest : public ::testing::Test {
 protected:
  CallNewsTest() { take({}); }

  // The targets of what is told; `log` is in the order of the calls.
  std::string take(std::vector<CallRecord> log, Milliseconds later = 0s) {
    Usage usage;
    usage.last_call_at = kTime;
    for (const CallRecord& call : log)
      usage.last_call_at = std::max(*usage.last_call_at, call.time);
    usage.log.assign(log.rbegin(), log.rend());
    std::string told;
    for (const CallRecord& call : news_.take(usage, kTime + later))
      told += call.target + (call.status ? " " : "? ");
    return told;
  }

  static CallRecord call(const std::string& target, Milliseconds after,
                         std::optional<int> status = 200) {
    return {.time = kTime + after, .target = target, .status = status};
  }

  CallNews news_{60s};
};

TEST_F(CallNewsTest, TellsEachCallOnce) {
  EXPECT_EQ(take({call("a", 1s)}), "a ");
  EXPECT_EQ(take({call("a", 1s)}), "");
  EXPECT_EQ(take({call("a", 1s), call("b", 2s), call("c", 3s, 503)}), "b c ");
}

TEST_F(CallNewsTest, WaitsForTheAnswerOfACallUnderWay) {
  EXPECT_EQ(take({call("a", 1s), call("b", 2s, {}), call("c", 3s)}), "a ");
  EXPECT_EQ(take({call("a", 1s), call("b", 2s, {}), call("c", 3s)}, 30s), "");
  EXPECT_EQ(take({call("a", 1s), call("b", 2s, 200), call("c", 3s)}, 31s), "b c ");
  EXPECT_EQ(take({call("a", 1s), call("b", 2s, 200), call("c", 3s)}, 90s), "");
}

TEST_F(CallNewsTest, SaysThatThereWasNoAnswerOnceNoneCanCome) {
  EXPECT_EQ(take({call("a", 1s, {}), call("b", 2s, {})}), "");
  EXPECT_EQ(take({call("a", 1s, {}), call("b", 2s, {})}, 59s), "");
  EXPECT_EQ(take({call("a", 1s, {}), call("b", 2s, {}), call("c", 60s, {})}, 60s), "a? b? ");
  EXPECT_EQ(take({call("c", 60s, {})}, 120s), "c? ");
}

TEST_F(CallNewsTest, DoesNotCompareThePlatformsClockWithOurs) {
  for (const Milliseconds off : {Milliseconds{-5h}, Milliseconds{5h}}) {
    CallNews news(60s);
    Usage usage;
    usage.last_call_at = kTime + off;
    news.take(usage, kTime);
    usage.last_call_at = kTime + off + 1s;
    usage.log = {{.time = kTime + off + 1s, .target = "a"}};
    EXPECT_TRUE(news.take(usage, kTime + 1s).empty());
    usage.log.front().status = 200;
    EXPECT_EQ(news.take(usage, kTime + 2s).size(), 1U);
  }
}

TEST_F(CallNewsTest, OfCallsAtTheSameMomentNoneIsLost) {
  EXPECT_EQ(take({call("a", 1s), call("b", 1s, {}), call("c", 1s)}), "");
  EXPECT_EQ(take({call("a", 1s), call("b", 1s), call("c", 1s)}, 1s), "a b c ");
}

}  // namespace
}  // namespace weir::daemon
