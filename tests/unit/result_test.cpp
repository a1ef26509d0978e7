#include <gtest/gtest.h>
#include <weir/result.h>

#include <map>
#include <memory>
#include <set>
#include <string>

namespace weir {
namespace {

Error broken() { return {.code = ErrorCode::kTimeout, .message = "broken"}; }

Result<int> half_of(int number) {
  if (number % 2 != 0) return broken();
  return number / 2;
}

TEST(ResultOfAValue, GivesItOrSomethingElse) {
  EXPECT_EQ(half_of(4).value_or(7), 2);
  EXPECT_EQ(half_of(5).value_or(7), 7);
  EXPECT_EQ(Result<std::string>(broken()).value_or("none"), "none");
}

TEST(ResultOfAValue, GoesOnToTheNextStepUnlessItIsAnError) {
  EXPECT_EQ(half_of(8).and_then(half_of).value(), 2);
  EXPECT_EQ(half_of(6).and_then(half_of).error().message, "broken");
  const Result<int> kept = half_of(8);
  EXPECT_EQ(kept.and_then(half_of).value(), 2);
}

TEST(ResultOfAValue, IsTransformed) {
  EXPECT_EQ(half_of(8).transform([](int half) { return std::to_string(half); }).value(), "4");
  EXPECT_EQ(half_of(7).transform([](int half) { return std::to_string(half); }).error().code,
            ErrorCode::kTimeout);
  int seen = 0;
  EXPECT_TRUE(half_of(8).transform([&](int half) { seen = half; }));
  EXPECT_EQ(seen, 4);
}

TEST(ResultOfAValue, IsMovedOutOfWithoutACopy) {
  Result<std::unique_ptr<int>> owner(std::make_unique<int>(5));
  const auto value = std::move(owner).transform([](std::unique_ptr<int>&& own) { return *own; });
  EXPECT_EQ(value.value(), 5);
  Result<std::unique_ptr<int>> failed(broken());
  EXPECT_EQ(std::move(failed).error().message, "broken");
}

TEST(ResultOfAValue, LetsItsErrorBeChanged) {
  Result<int> failed = broken();
  failed.error().message += " again";
  EXPECT_EQ(failed.error().message, "broken again");
}

TEST(ResultOfNothing, GoesOnToTheNextStepUnlessItIsAnError) {
  EXPECT_EQ(Result<void>().and_then([] { return half_of(2); }).value(), 1);
  EXPECT_EQ(Result<void>(broken()).and_then([] { return half_of(2); }).error().code,
            ErrorCode::kTimeout);
}

TEST(Result, ThrowsALogicErrorWhenItIsMisused) {
  EXPECT_THROW(static_cast<void>(half_of(5).value()), std::logic_error);
  EXPECT_THROW(static_cast<void>(half_of(4).error()), std::logic_error);
  EXPECT_THROW(static_cast<void>(Result<void>().error()), std::logic_error);
  EXPECT_THROW(Result<void>(broken()).value(), std::logic_error);
}

TEST(Result, IsCopiedAndMovedInEachValueCategory) {
  Result<int> first = half_of(4);
  Result<int> second = first;
  const Result<int> third = second;
  const Result<int> fourth = third;
  EXPECT_EQ(fourth.value() + first.value(), 4);
  first = half_of(5);
  EXPECT_FALSE(first);
  EXPECT_EQ(*std::move(second), 2);
}

TEST(ErrorCodes, HaveFixedNumbersAndNamesOfTheirOwn) {
  EXPECT_EQ(Error{}.code, ErrorCode::kUnknown);
  std::map<int, std::string> names;
  std::set<std::string> all;
  for (int number = 0; number < 100; ++number) {
    const std::string name = error_code_name(static_cast<ErrorCode>(number));
    if (name == "unknown") continue;
    names[number] = name;
    EXPECT_TRUE(all.insert(name).second) << name;
  }
  EXPECT_EQ(names.size(), 26U);
  EXPECT_EQ(names[1], "invalid_argument");
  EXPECT_EQ(names[11], "budget_exhausted");
  EXPECT_EQ(names[21], "forked");
  EXPECT_EQ(names[24], "store_io");
  EXPECT_EQ(names[28], "untrusted");
}

TEST(ErrorCodes, AreRetryableWhenWaitingMayHelp) {
  std::string retryable;
  for (int number = 0; number < 100; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    if (is_retryable(code)) retryable += std::string(error_code_name(code)) + " ";
  }
  EXPECT_EQ(retryable,
            "locked too_many_connections throttled budget_exhausted unavailable timeout "
            "bad_response store_busy store_full outbox_full store_unreachable busy conflict "
            "store_io ");
}

}  // namespace
}  // namespace weir
