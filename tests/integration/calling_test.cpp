// Any other call of the platform through a client, over a played platform.
#include <limits>
#include <thread>
#include <vector>

#include "sending_fixture.h"

namespace weir {
namespace {

class AnyCallTest : public SendingTest {
 protected:
  // Answers in turn; the last one again and again.
  Client& open_with(std::vector<Result<HttpResponse>> answers, std::int64_t calls_per_day = 20) {
    ClientOptions chosen =
        options([this, answers = std::move(answers)](const HttpRequest& request) {
          requests_.push_back(request);
          const std::size_t turn = std::min(requests_.size(), answers.size()) - 1;
          return answers.at(turn);
        });
    chosen.calls_per_day = calls_per_day;
    return open(std::move(chosen));
  }

  static ApiCall get() { return {.path = "/api/v2/user/search", .reason = "user sync"}; }
  static Error no_answer(bool may_have_been_sent) {
    return {.code = ErrorCode::kUnavailable,
            .message = "no answer",
            .may_have_been_sent = may_have_been_sent};
  }

  std::vector<HttpRequest> requests_;
};

TEST_F(AnyCallTest, IsSpentLoggedAndAnsweredAsItIs) {
  Client& client = open_with({answer(200, R"({"Users":[]})")});
  const Result<ApiAnswer> answered = client.call(get());
  ASSERT_TRUE(answered) << answered.error().message;
  EXPECT_EQ(answered->status, 200);
  EXPECT_EQ(answered->body, R"({"Users":[]})");
  EXPECT_EQ(answered->bytes, 12);
  EXPECT_EQ(answered->calls, 1);
  const Usage usage = client.usage().value();
  EXPECT_EQ(usage.calls_today, 1);
  EXPECT_EQ(usage.log.front().target, "/api/v2/user/search");
  EXPECT_EQ(usage.log.front().reason, "user sync");
}

TEST_F(AnyCallTest, AnyStatusIsASuccessButThoseOnWhichWeirActs) {
  for (const int status : {201, 204, 400, 404, 405, 413, 418, 500, 503}) {
    const Result<ApiAnswer> answered = open_with({answer(status)}, 200).call(get());
    ASSERT_TRUE(answered) << status << ": " << answered.error().message;
    EXPECT_EQ(answered->status, status);
  }
  ApiCall once = get();
  once.deadline = 500ms;
  for (const int status : {401, 403})
    EXPECT_EQ(open_with({answer(status)}).call(once).error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(open_with({answer(429)}).call(once).error().code, ErrorCode::kThrottled);
  EXPECT_EQ(open_with({answer(302)}).call(once).error().code, ErrorCode::kBadResponse);
  EXPECT_EQ(open_with({answer(200, "<html></html>")}).call(once).error().code,
            ErrorCode::kBadResponse);
}

TEST_F(AnyCallTest, TheTwentyFirstOfTwentyCallsIsRefusedHere) {
  Client& client = open_with({answer(200)}, 20);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.call(get()));
  const Result<ApiAnswer> refused = client.call(get());
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExhausted);
  EXPECT_TRUE(refused.error().resets_at);
  EXPECT_EQ(requests_.size(), 20U);
}

TEST_F(AnyCallTest, APersonMayUseWhatIsKeptBackAndOthersNot) {
  ClientOptions chosen = options();
  chosen.calls_per_day = 2;
  chosen.interactive_reserve = 1;
  Client& client = open(std::move(chosen));
  ApiCall automatic = get();
  automatic.worth = Worth::row_seconds(std::numeric_limits<double>::infinity());
  EXPECT_TRUE(client.call(automatic));
  EXPECT_EQ(client.call(automatic).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_TRUE(client.call(get()));
}

TEST_F(AnyCallTest, AGetIsRepeatedAndCostsACallEachTime) {
  Client& client = open_with({no_answer(true), no_answer(true), answer(200)});
  const Result<ApiAnswer> answered = client.call(get());
  ASSERT_TRUE(answered) << answered.error().message;
  EXPECT_EQ(answered->calls, 3);
  EXPECT_EQ(client.usage()->calls_today, 3);
}

TEST_F(AnyCallTest, WhatChangesSomethingIsRepeatedOnlyWhenNothingWasSent) {
  ApiCall post{.method = "POST", .path = "/api/v2/task", .reason = "tasks"};
  EXPECT_EQ(open_with({no_answer(true), answer(200)}).call(post).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(requests_.size(), 1U);
  requests_.clear();
  EXPECT_EQ(open_with({no_answer(false), answer(200)}).call(post).value().calls, 1);
}

TEST_F(AnyCallTest, EndsWithItsDeadline) {
  Client& client = open_with({no_answer(true)}, 200);
  const TimePoint begun = clock_->now();
  ApiCall call = get();
  call.deadline = 10s;
  EXPECT_EQ(client.call(call).error().code, ErrorCode::kUnavailable);
  EXPECT_LE(clock_->now() - begun, 10s);
}

TEST_F(AnyCallTest, ACallThatIsNotWorthItsPriceIsNotMade) {
  ClientOptions chosen = options();
  chosen.price_row_seconds = 500;
  Client& client = open(std::move(chosen));
  ApiCall call = get();
  call.worth = Worth::row_seconds(499);
  const Result<ApiAnswer> refused = client.call(call);
  EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("500 row-seconds"));
  EXPECT_EQ(platform_->calls(), 0);
  call.worth = Worth::row_seconds(500);
  EXPECT_TRUE(client.call(call));
}

TEST_F(AnyCallTest, TheBodyOfASuccessGoesToAFileThatIsThereOnlyWhole) {
  Client& client = open_with({answer(404, "no"), answer(200, "not JSON, and that is fine")});
  ApiCall call = get();
  call.to = std::filesystem::path(folder_.file("answer.json"));
  EXPECT_EQ(client.call(call)->body, "no");
  EXPECT_FALSE(std::filesystem::exists(folder_.file("answer.json")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("answer.json.part")));
  const ApiAnswer answered = client.call(call).value();
  EXPECT_TRUE(answered.body.empty());
  EXPECT_EQ(answered.bytes, 26);
  EXPECT_EQ(std::filesystem::file_size(folder_.file("answer.json")), 26U);
}

TEST_F(AnyCallTest, AFileThatCannotBeWrittenCostsNoCall) {
  Client& client = open_with({answer(200)});
  ApiCall call = get();
  call.to = std::filesystem::path(folder_.file("no-such-folder/answer.json"));
  EXPECT_FALSE(client.call(call));
  EXPECT_EQ(requests_.size(), 0U);
}

TEST_F(AnyCallTest, AFunctionTakesTheBodyAndMayThrow) {
  Client& client = open_with({answer(200, "abc")});
  std::string taken;
  ApiCall call = get();
  call.to = BodySink([&](const HttpResponse&, std::string_view bytes) {
    taken += bytes;
    return true;
  });
  EXPECT_EQ(client.call(call)->bytes, 3);
  EXPECT_EQ(taken, "abc");
  call.to = BodySink([](const HttpResponse&, std::string_view) -> bool {
    throw std::runtime_error("no more room");
  });
  EXPECT_THAT(client.call(call).error().message, ::testing::HasSubstr("no more room"));
  call.to = BodySink([](const HttpResponse&, std::string_view) { return false; });
  EXPECT_EQ(client.call(call).error().code, ErrorCode::kCancelled);
}

TEST_F(AnyCallTest, TheKeyIsCutOutOfARefusal) {
  ClientOptions chosen = options([](const HttpRequest&) {
    return answer(404, R"({"ResponseStatus":{"Message":"secret-canary is not it"}})");
  });
  chosen.integration_key = Secret::from_string("secret-canary", "the test");
  EXPECT_EQ(open(std::move(chosen)).call(get())->body.find("secret-canary"), std::string::npos);
}

TEST_F(AnyCallTest, AChangeOfADataSourceGoesAfterWhatWaitsAndMakesItsRowsUnknown) {
  Client& client = open_with({answer(200)});
  DataSource source = client.data_source("A");
  ASSERT_TRUE(source.publish({{"1", "a"}, {"2", "b"}}));
  ASSERT_TRUE(client.drain(5s));
  ASSERT_TRUE(source.upsert({"1", "c"}));
  const ApiAnswer changed = client
                                .call({.method = "PUT",
                                       .path = "/api/v2/datasource",
                                       .body = R"({"ExternalId":"A","NewRows":[["1","x"]]})",
                                       .reason = "by hand"})
                                .value();
  EXPECT_EQ(changed.calls, 1);
  ASSERT_EQ(requests_.size(), 3U);
  EXPECT_THAT(requests_[1].body, ::testing::HasSubstr(R"(["1","c"])"));
  EXPECT_FALSE(source.known()->is_published);
  // It is not taken for what the platform has.
  ASSERT_TRUE(source.upsert({"1", "c"}));
  EXPECT_EQ(client.drain(5s)->calls, 1);
  ASSERT_TRUE(source.erase("9"));
  EXPECT_EQ(client.drain(5s)->calls, 1);
}

TEST_F(AnyCallTest, OnASpentDayNoRowIsForgottenForACallThatCannotBeMade) {
  Client& client = open_with({answer(200)}, 1);
  ASSERT_TRUE(client.data_source("A").publish({{"1", "a"}}));
  ASSERT_TRUE(client.drain(5s));
  const Result<ApiAnswer> refused = client.call({.method = "PUT",
                                                 .path = "/api/v2/datasource",
                                                 .body = R"({"ExternalId":"A"})",
                                                 .reason = "by hand"});
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExhausted);
  EXPECT_TRUE(client.data_source("A").known()->is_published);
}

TEST_F(AnyCallTest, AStopEndsItsWaits) {
  Client& client = open_with({answer(200)});
  client.request_stop();
  EXPECT_EQ(client.call(get()).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(requests_.size(), 0U);
}

}  // namespace
}  // namespace weir
