// Refusals that are the request's fault and not that of its rows, and the size of a call.
#include "outbox/request_faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;

const TimePoint kLongAfter{1000h};
const std::string kWords =
    "sending to data source S: the platform answered 400 (E: no such column)";
const std::string kSettings = "https://h 1";

class RequestFaultsTest : public testing::AnyStoreTest {
 protected:
  static std::vector<Row> rows(int count, const std::string& cell = "a") {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) rows.push_back({"k" + std::to_string(i), cell});
    return rows;
  }

  void wait_with(int count, const std::string& cell = "a") {
    for (const Row& row : rows(count, cell))
      ASSERT_TRUE(outbox_.apply("S", {Upsert{row}}, kLongAfter));
  }

  // A platform that refuses whatever it is sent. Returns the calls until it is the request's fault,
  // or nothing is left.
  int send_until_fault(const std::string& words = kWords, TimePoint now = kLongAfter) {
    for (int calls = 0;; ++calls) {
      Outbox process(*store_.database, {});
      if (*process.request_fault("S", kSettings, now)) return calls;
      const auto batch = process.next_batch("S", kAll).value();
      if (!batch) return calls;
      if (*process.repeats_fault(*batch, words, now, kSettings)) return calls + 1;
      const Error refusal{.code = ErrorCode::kRefused, .message = words};
      EXPECT_TRUE(process.simplify(*batch, refusal));
      if (batch->changes.size() > 1) continue;
      const Result<bool> is_fault = process.bury(*batch, words, now, kSettings);
      EXPECT_TRUE(is_fault);
      if (is_fault && *is_fault) return calls + 1;
    }
  }

  // Takes the batch with one change of the key alone, refused in these words.
  bool bury(const std::string& key, const std::string& words) {
    Batch batch = outbox_.next_batch("S", kAll).value().value();
    std::erase_if(batch.changes, [&](const BatchChange& change) { return change.key != key; });
    return outbox_.bury(batch, words, kLongAfter, kSettings).value();
  }

  std::vector<DeadLetter> letters() { return outbox_.list().value().dead_letters; }
  std::int64_t waiting() {
    const auto found = outbox_.list()->waiting;
    return found.empty() ? 0 : found.front().upserts;
  }
  bool stands(TimePoint now = kLongAfter, const std::string& settings = kSettings) {
    return outbox_.request_fault("S", settings, now)->has_value();
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, CallLimits{}};
};

TEST_P(RequestFaultsTest, TakeTheirDeadLettersBackAndStopTheSearch) {
  wait_with(1000);
  EXPECT_LE(send_until_fault(), 33);
  EXPECT_TRUE(letters().empty());
  EXPECT_EQ(waiting(), 1000);
  EXPECT_TRUE(stands());
  EXPECT_EQ(send_until_fault(), 0) << "no call while nothing changes";
}

TEST_P(RequestFaultsTest, CostOneCallForEachChangeOfTheRows) {
  wait_with(100);
  send_until_fault();
  for (int push = 0; push < 10; ++push) {
    wait_with(100, "b" + std::to_string(push));
    EXPECT_EQ(send_until_fault(), 1) << push;
    EXPECT_TRUE(letters().empty());
  }
}

TEST_P(RequestFaultsTest, EndWhenSomethingChanges) {
  wait_with(3);
  send_until_fault();
  EXPECT_TRUE(stands());
  EXPECT_FALSE(stands(kLongAfter, "https://other 1")) << "the settings";
  EXPECT_TRUE(stands(kLongAfter + 23h));
  EXPECT_FALSE(stands(kLongAfter + 24h)) << "it may have been mended elsewhere";
  EXPECT_FALSE(stands(kLongAfter - 1h)) << "the clock was set back";
  wait_with(3);
  EXPECT_TRUE(stands()) << "the same rows again";
  wait_with(3, "other");
  EXPECT_FALSE(stands()) << "the rows";
  send_until_fault();
  ASSERT_TRUE(stands());
  ASSERT_TRUE(outbox_.retry({.source = "S"}, kLongAfter));
  EXPECT_FALSE(stands()) << "somebody asked to try again";
  send_until_fault();
  ASSERT_TRUE(outbox_.acknowledge(outbox_.next_batch("S", kAll).value().value()));
  EXPECT_FALSE(stands()) << "something was accepted";
}

TEST_P(RequestFaultsTest, AreNoFaultOfRowsThatAreNamedOrDiffer) {
  wait_with(9);
  for (const std::string key : {"k0", "k1", "k2", "k3"})
    EXPECT_FALSE(bury(key, "row '" + key + "' has a bad date"));
  for (const std::string key : {"k4", "k5", "k6"})
    EXPECT_FALSE(bury(key, "refused as " + key + "x"));
  EXPECT_EQ(letters().size(), 7U);
}

TEST_P(RequestFaultsTest, AreNoFaultWhenSomethingWasAcceptedInBetween) {
  wait_with(4);
  EXPECT_FALSE(bury("k0", kWords));
  EXPECT_FALSE(bury("k1", kWords));
  Batch accepted = outbox_.next_batch("S", kAll).value().value();
  accepted.changes.resize(1);
  ASSERT_TRUE(outbox_.acknowledge(accepted));
  EXPECT_FALSE(bury(accepted.changes.front().key == "k2" ? "k3" : "k2", kWords));
  EXPECT_EQ(letters().size(), 3U);
}

// Sends until nothing is left, to a platform that refuses the rows with these numbers, all in the
// same words. Returns the calls.
int send_all(Outbox& outbox, int first_bad, int last_bad) {
  const auto is_bad = [&](const BatchChange& change) {
    const int number = std::stoi(change.key.substr(1));
    return first_bad <= number && number <= last_bad;
  };
  for (int calls = 0; calls < 1000; ++calls) {
    EXPECT_FALSE(*outbox.request_fault("S", kSettings, kNow)) << "after " << calls << " calls";
    const auto batch = outbox.next_batch("S", kAll).value();
    if (!batch) return calls;
    if (std::none_of(batch->changes.begin(), batch->changes.end(), is_bad)) {
      EXPECT_TRUE(outbox.acknowledge(*batch));
      continue;
    }
    EXPECT_FALSE(*outbox.repeats_fault(*batch, kWords, kNow, kSettings));
    EXPECT_TRUE(outbox.simplify(*batch, {.code = ErrorCode::kRefused, .message = kWords}));
    if (batch->changes.size() == 1) {
      EXPECT_FALSE(*outbox.bury(*batch, kWords, kNow, kSettings)) << "after " << calls << " calls";
    }
  }
  return 1000;
}

TEST_P(RequestFaultsTest, AreNoFaultWhenBadRowsStandSideBySide) {
  for (const auto& [first, last] : {std::pair(0, 2), {40, 45}, {60, 62}, {0, 9}}) {
    wait_with(100, "from " + std::to_string(first));
    EXPECT_LE(send_all(outbox_, first, last), 15 * (last - first + 1)) << first;
    EXPECT_EQ(letters().size(), static_cast<std::size_t>(last - first + 1)) << first;
    EXPECT_EQ(waiting(), 0);
    ASSERT_TRUE(outbox_.drop({}));
  }
}

TEST_P(RequestFaultsTest, AreForgottenWhenOneOfTheOtherRowsIsAccepted) {
  wait_with(100);
  send_until_fault();
  ASSERT_TRUE(stands());
  const auto tried = outbox_.next_batch("S", kAll).value();
  ASSERT_TRUE(tried);
  ASSERT_EQ(tried->changes.size(), 1U) << "a known fault is tried with one row";
  ASSERT_TRUE(outbox_.acknowledge(*tried));
  EXPECT_FALSE(stands());
  EXPECT_EQ(outbox_.next_batch("S", kAll).value()->changes.size(), 99U);
}

TEST_P(RequestFaultsTest, NeedThreeDifferentRows) {
  wait_with(1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(bury("k0", kWords)) << i;
    ASSERT_TRUE(outbox_.retry({}, kLongAfter));
  }
}

TEST_P(RequestFaultsTest, AreNoFaultWhenTheWordsDifferInANumber) {
  wait_with(3);
  EXPECT_FALSE(bury("k0", "the value 1 is out of range"));
  EXPECT_FALSE(bury("k1", "the value 22 is out of range"));
  EXPECT_FALSE(bury("k2", "the value 333 is out of range"));
  EXPECT_EQ(letters().size(), 3U);
}

// A reason that one of the stores does not take would make a row cost a call at every try.
TEST_P(RequestFaultsTest, KeepsEveryReason) {
  const std::vector<std::string> reasons = {"a\xc3", "a\xff\xfe", std::string("a\0b", 3),
                                            "a\u009b31m", "\xed\xa0\x80"};
  wait_with(static_cast<int>(reasons.size()));
  for (std::size_t i = 0; i < reasons.size(); ++i)
    EXPECT_FALSE(bury("k" + std::to_string(i), reasons[i])) << i;
  EXPECT_EQ(letters().size(), reasons.size());
}

class CallSizeTest : public testing::AnyStoreTest {
 protected:
  Batch take(std::int64_t body_bytes) {
    Outbox outbox(*store_.database, {.body_bytes = body_bytes});
    return outbox.next_batch("S", kAll).value().value();
  }

  void wait_with(int count, std::size_t cell_bytes) {
    Outbox outbox(*store_.database, CallLimits{});
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(outbox.apply(
          "S", {Upsert{Row{"k" + std::to_string(i), std::string(cell_bytes, 'x')}}}, kLongAfter));
  }

  store::Store store_ = file_.open();
};

TEST_P(CallSizeTest, BoundsABatchByItsBytes) {
  wait_with(20, 10'000);
  const Batch batch = take(100'000);
  EXPECT_GE(batch.changes.size(), 9U);
  EXPECT_LE(batch.changes.size(), 10U);
  EXPECT_LE(batch.bytes, 100'500);
  EXPECT_EQ(take(10'000'000).changes.size(), 20U);
}

TEST_P(CallSizeTest, SendsALargeChangeAlone) {
  wait_with(3, 10'000);
  EXPECT_EQ(take(1).changes.size(), 1U);
  EXPECT_EQ(take(9'000).changes.size(), 1U);
}

TEST_P(CallSizeTest, BoundsAllListsOfACallTogether) {
  Outbox outbox(*store_.database, CallLimits{});
  for (int i = 0; i < 10; ++i) {
    const std::string key = "set" + std::to_string(i);
    ASSERT_TRUE(
        outbox.apply("S", {SetCells{key, {{"column", std::string(10'000, 'x')}}}}, kLongAfter));
  }
  wait_with(10, 10'000);
  EXPECT_LE(take(150'000).changes.size(), 15U);
  EXPECT_GE(take(150'000).changes.size(), 13U);
  EXPECT_LE(take(20'000).changes.size(), 2U);
}

TEST_P(CallSizeTest, RemembersTheSizeThatSomebodyOnTheWayRefuses) {
  wait_with(40, 10'000);
  Outbox outbox(*store_.database, CallLimits{});
  Batch batch = outbox.next_batch("S", kAll).value().value();
  ASSERT_EQ(batch.changes.size(), 40U);
  ASSERT_TRUE(outbox.limit_size(batch));
  const Batch half = Outbox(*store_.database, CallLimits{}).next_batch("S", kAll).value().value();
  EXPECT_LE(half.changes.size(), 20U);
  EXPECT_GE(half.changes.size(), 18U);
  ASSERT_TRUE(outbox.acknowledge(half));
  EXPECT_LE(outbox.next_batch("S", kAll).value()->changes.size(), 20U) << "after a success too";
}

WEIR_FOR_EVERY_STORE(RequestFaultsTest);
WEIR_FOR_EVERY_STORE(CallSizeTest);

}  // namespace
}  // namespace weir::outbox
