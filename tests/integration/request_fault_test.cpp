// Refusals that no row can mend, through a whole client: what they cost, and that nothing is lost.
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/fake_transport.h>
#include <weir/testing/manual_clock.h>

#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::FakeTransport;
using testing::ManualClock;

class RequestFaultTest : public ::testing::Test {
 protected:
  Result<Client> open(const std::string& url = "https://forms.example.com") {
    return Client::open({.url = url,
                         .company_id = 1,
                         .integration_key = Secret::from_string("key", "a test"),
                         .time_zone = "UTC",
                         .store = folder_.file("weir.db"),
                         .send_in_background = false,
                         .clock = clock_,
                         .transport = wire_});
  }

  void answer_all(int status, const std::string& body, const std::string& type = "") {
    wire_->answers.clear();
    for (int i = 0; i < 500; ++i) {
      HttpResponse response{.status = status, .headers = {}, .body = body};
      if (!type.empty()) response.headers.emplace_back("content-type", type);
      wire_->answers.emplace_back(response);
    }
  }

  static std::vector<Row> rows(int count, const std::string& cell) {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) rows.push_back({std::to_string(i), cell});
    return rows;
  }

  // A push as the command makes one, by a process of its own. Returns the calls that it took.
  int push(int count, const std::string& cell, ErrorCode expected) {
    wire_->requests.clear();
    Client client = open().value();
    DataSource source = client.data_source("OUT");
    EXPECT_TRUE(source.publish(rows(count, cell), {.columns = {"id", "name"}}));
    const Result<SendReport> sent = source.send(30s);
    EXPECT_FALSE(sent);
    EXPECT_EQ(sent ? ErrorCode::kCancelled : sent.error().code, expected);
    EXPECT_TRUE(client.outbox()->dead_letters.empty());
    return static_cast<int>(wire_->requests.size());
  }

  std::int64_t waiting() {
    const Result<OutboxContents> contents = open()->outbox();
    return contents->waiting.empty() ? 0 : contents->waiting.front().upserts;
  }

  testing::TemporaryFolder folder_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(TimePoint{24h * 19758 + 12h});
  std::shared_ptr<FakeTransport> wire_ = std::make_shared<FakeTransport>();
};

// A mistyped url, a proxy, a moved endpoint.
TEST_F(RequestFaultTest, CostsOneCallAPushAndNoDeadLetterWhateverTheAnswer) {
  const std::string words = R"({"ResponseStatus":{"ErrorCode":"NotFound","Message":"no route"}})";
  for (const int status : {301, 307, 402, 404, 405, 406, 407, 409, 410, 414,
                           415, 418, 421, 422, 428, 431, 451, 499, 501, 505}) {
    const bool has_own_words = status == 402 || status == 406 || status == 407 || status == 409 ||
                               status == 418 || status == 421 || status == 422 || status == 428 ||
                               status == 499;
    for (const std::string body : {"", "<html>moved</html>", R"({"error":"x"})", words.c_str()}) {
      if (has_own_words && body == words) continue;  // those may be about a row
      if (status / 100 == 5 && body.starts_with("<")) continue;
      answer_all(status, body);
      EXPECT_EQ(push(100, std::to_string(status) + body, ErrorCode::kWrongRequest), 1)
          << status << body;
    }
  }
  EXPECT_EQ(waiting(), 100);
}

TEST_F(RequestFaultTest, EndsTheSearchWhenDifferentRowsAreRefusedInTheSameWords) {
  answer_all(400, R"({"ResponseStatus":{"ErrorCode":"E","Message":"no such column"}})");
  EXPECT_LE(push(1000, "a", ErrorCode::kWrongRequest), 33);
  for (int again = 0; again < 10; ++again)
    EXPECT_EQ(push(1000, "a", ErrorCode::kWrongRequest), 0) << "nothing has changed";
  for (int change = 0; change < 10; ++change)
    EXPECT_EQ(push(1000, "b" + std::to_string(change), ErrorCode::kWrongRequest), 1);
  EXPECT_EQ(waiting(), 1000);
  wire_->answers.clear();
  Client client = open().value();
  ASSERT_TRUE(client.retry({.source = "OUT"}));
  ASSERT_TRUE(client.drain(30s));
  EXPECT_EQ(waiting(), 0) << "nothing was lost";
}

TEST_F(RequestFaultTest, CountsNoDeadLetterThatWentBack) {
  answer_all(400, R"({"ResponseStatus":{"ErrorCode":"E","Message":"no such column"}})");
  Client client = open().value();
  DataSource source = client.data_source("OUT");
  ASSERT_TRUE(source.publish(rows(10, "a"), {.columns = {"id", "name"}}));
  SendReport done;
  const Result<SendReport> sent = source.send(30s, &done);
  ASSERT_FALSE(sent);
  EXPECT_EQ(done.dead_letters, 0);
  EXPECT_EQ(done.last_refusal, "");
  EXPECT_GT(done.calls, 0);
  EXPECT_NE(sent.error().message.find("Client::retry({.source = \"OUT\"})"), std::string::npos)
      << sent.error().message;
}

TEST_F(RequestFaultTest, IsTriedAgainAtOneMomentThatAllTell) {
  answer_all(400, R"({"ResponseStatus":{"ErrorCode":"E","Message":"no such column"}})");
  push(10, "a", ErrorCode::kWrongRequest);
  Client client = open().value();
  const TimePoint until = clock_->now() + 24h;
  EXPECT_EQ(client.outbox()->waiting.at(0).halted_until, until);
  EXPECT_EQ(client.why("OUT")->sent_by, until);
  clock_->advance(2h);
  EXPECT_EQ(client.data_source("OUT").send(30s).error().code, ErrorCode::kWrongRequest);
  EXPECT_EQ(client.outbox()->waiting.at(0).halted_until, until) << "nothing was tried";
  EXPECT_EQ(client.why("OUT")->sent_by, until) << "though this process looks again sooner";
  clock_->advance(22h);
  wire_->answers.clear();
  EXPECT_TRUE(client.drain(30s));
  EXPECT_EQ(waiting(), 0);
}

TEST_F(RequestFaultTest, TriesAgainWithOtherSettings) {
  answer_all(400, R"({"ResponseStatus":{"ErrorCode":"E","Message":"no such column"}})");
  push(10, "a", ErrorCode::kWrongRequest);
  wire_->answers.clear();
  EXPECT_TRUE(open("https://other.example.com")->drain(30s));
  EXPECT_EQ(waiting(), 0);
}

TEST_F(RequestFaultTest, HalvesByBytesWhatIsTooLargeForAProxyAndRemembersIt) {
  wire_->during = [&](const HttpRequest& request) {
    wire_->answers.clear();
    if (request.body.size() > 300'000)
      wire_->answer(413, "<html><h1>413 Request Entity Too Large</h1></html>");
  };
  {
    Client client = open().value();
    ASSERT_TRUE(client.data_source("OUT").publish(rows(100, std::string(10'000, 'x')),
                                                  {.columns = {"id", "name"}}));
    ASSERT_TRUE(client.drain(60s));
    EXPECT_LE(wire_->requests.size(), 9U);
  }
  wire_->requests.clear();
  Client client = open().value();
  ASSERT_TRUE(client.data_source("OUT").publish(rows(100, std::string(10'000, 'y')),
                                                {.columns = {"id", "name"}}));
  ASSERT_TRUE(client.drain(60s));
  EXPECT_LE(wire_->requests.size(), 5U) << "none of them is refused";
  EXPECT_TRUE(client.outbox()->dead_letters.empty());
}

TEST_F(RequestFaultTest, NeverShowsOrKeepsTheKeyThatThePlatformRepeats) {
  const Secret key = Secret::from_string("k3y-with-signs", "a test");
  std::string log;
  Client client = Client::open({.url = "https://forms.example.com",
                                .company_id = 1,
                                .integration_key = key,
                                .time_zone = "UTC",
                                .store = folder_.file("weir.db"),
                                .send_in_background = false,
                                .log = [&](LogLevel, std::string_view line) { log += line; },
                                .clock = clock_,
                                .transport = wire_})
                      .value();
  for (const int status : {400, 401, 429, 500}) {
    answer_all(status,
               R"({"ResponseStatus":{"ErrorCode":"E","Message":"key k3y-with-signs, row ')" +
                   std::to_string(status) + R"('"}})");
    ASSERT_TRUE(client.data_source("OUT").upsert({std::to_string(status), "a"}));
    const Result<SendReport> sent = client.data_source("OUT").send(1ms);
    EXPECT_EQ(sent ? std::string::npos : sent.error().message.find("k3y"), std::string::npos);
  }
  EXPECT_NE(log.find("key …"), std::string::npos) << log;
  EXPECT_EQ(log.find("k3y"), std::string::npos) << log;
  const OutboxContents contents = client.outbox().value();
  for (const DeadLetter& letter : contents.dead_letters)
    EXPECT_EQ(letter.reason.find("k3y"), std::string::npos);
}

}  // namespace
}  // namespace weir
