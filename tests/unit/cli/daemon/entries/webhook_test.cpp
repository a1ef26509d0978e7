// Webhooks against a real HTTP server, their signatures checked by the openssl command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <weir/testing/manual_clock.h>

#include <thread>

#include "daemon/entries/recipient.h"
#include "daemon/entries/webhook_signature.h"
#include "support/process.h"

namespace weir::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const TimePoint kSigned{Milliseconds{1'614'265'330'999}};
const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// What the openssl command makes of the text under the key.
std::string signature_by_openssl(const std::string& text, const std::string& base64_key) {
  const testing::TemporaryFolder folder;
  const testing::Finished done = testing::run(
      {"/bin/sh", "-c",
       "key=$(printf %s \"$KEY\" | base64 -d | od -An -v -tx1 | tr -d ' \\n'); openssl dgst "
       "-sha256 "
       "-mac HMAC -macopt hexkey:$key -binary \"$FILE\" | base64 -w0"},
      {{"PATH", "/usr/bin:/bin"}, {"KEY", base64_key}, {"FILE", folder.write("text", text)}});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  return done.out;
}

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    server_.Post("/hook", [this](const httplib::Request& request, httplib::Response& response) {
      request_ = request;
      ++requests_;
      response.status = status_;
      for (const auto& [name, value] : headers_) response.set_header(name, value);
      response.set_content(answer_, "text/plain");
    });
    server_.Post("/elsewhere",
                 [this](const httplib::Request&, httplib::Response&) { ++requests_; });
    server_.Post("/breaks", [](const httplib::Request&, httplib::Response& response) {
      response.set_content_provider(100, "text/plain",
                                    [](std::size_t, std::size_t, httplib::DataSink& sink) {
                                      sink.write("half", 4);
                                      return false;
                                    });
    });
    server_.Post("/lasts", [](const httplib::Request&, httplib::Response& response) {
      response.set_content_provider(100, "text/plain",
                                    [](std::size_t, std::size_t, httplib::DataSink& sink) {
                                      while (sink.is_writable()) std::this_thread::yield();
                                      return false;
                                    });
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~WebhookTest() override {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }

  static Result<std::unique_ptr<Recipient>> make(WebhookHandler handler) {
    return make_recipient({.name = "P", .form = "F", .handler = std::move(handler)},
                          {.clock = std::make_shared<testing::ManualClock>(kSigned)});
  }

  Handed give(const std::string& id = "e1", const std::string& body = "{\"Id\":\"é\"}",
              const std::string& secret = kSecret, const std::string& query = "") {
    const auto recipient = make({.url = url() + query,
                                 .secret = Secret::from_string(secret, "the file incident-hook"),
                                 .timeout = 5s});
    if (!recipient) throw std::runtime_error(recipient.error().message);
    const std::vector<QueuedEntry> entries = {{.id = id, .body = body}};
    return (*recipient)->hand_over(entries, {});
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  int status_ = 200;
  std::string answer_ = "ok";
  httplib::Headers headers_;
  httplib::Request request_;
  std::atomic<int> requests_ = 0;
};

TEST_F(WebhookTest, PostsTheEntryAsItIs) {
  EXPECT_EQ(give().verdict, HandlerAnswer::kDone);
  EXPECT_EQ(request_.body, "{\"Id\":\"é\"}");
  EXPECT_EQ(request_.get_header_value("content-type"), "application/json");
  EXPECT_EQ(request_.get_header_value("webhook-id"), "e1");
  EXPECT_EQ(request_.get_header_value("webhook-timestamp"), "1614265330");
}

TEST_F(WebhookTest, SignsAsOpensslDoes) {
  for (const std::string& body : {std::string("{\"Id\":\"é\"}"), std::string("{}"),
                                  std::string("{\"x\":\"") + std::string(100'000, 'y') + "\"}"}) {
    give("msg_p5jXN8AQM9LWM0D4loKWxJek", body);
    const std::string text = request_.get_header_value("webhook-id") + "." +
                             request_.get_header_value("webhook-timestamp") + "." + request_.body;
    EXPECT_EQ(request_.get_header_value("webhook-signature"),
              "v1," + signature_by_openssl(text, kSecret.substr(6)));
  }
}

// The example of the specification's own libraries.
TEST(WebhookSignature, IsThatOfTheSpecification) {
  const Result<Secret> key = webhook_key(Secret::from_string(kSecret, "a test"));
  ASSERT_TRUE(key) << key.error().message;
  const auto headers =
      webhook_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", kSigned, R"({"test": 2432232314})", *key);
  EXPECT_EQ(headers.at(2).second, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_F(WebhookTest, WithoutASecretIsNotSigned) {
  give("e1", "{}", "");
  EXPECT_FALSE(request_.has_header("webhook-signature"));
  EXPECT_TRUE(request_.has_header("webhook-id"));
}

TEST_F(WebhookTest, KeepsTheQueryOfItsAddress) {
  EXPECT_EQ(give("e1", "{}", "", "?token=a%2Fb&x=").verdict, HandlerAnswer::kDone);
  EXPECT_EQ(request_.target, "/hook?token=a%2Fb&x=");
}

TEST_F(WebhookTest, LetsNoIdWriteAHeader) {
  EXPECT_EQ(give("e1\r\nx-evil: 1").verdict, HandlerAnswer::kDone);
  EXPECT_FALSE(request_.has_header("x-evil"));
  const auto headers = webhook_headers("e1\r\nx-evil: 1", kSigned, "{}", {});
  EXPECT_EQ(headers.at(0).second, "e1%0D%0Ax-evil:%201");
}

struct Answered {
  int status;
  HandlerAnswer verdict;
};
class WebhookStatus : public WebhookTest, public ::testing::WithParamInterface<Answered> {};
INSTANTIATE_TEST_SUITE_P(
    Each, WebhookStatus,
    ::testing::Values(Answered{200, HandlerAnswer::kDone}, Answered{201, HandlerAnswer::kDone},
                      Answered{202, HandlerAnswer::kDone}, Answered{204, HandlerAnswer::kDone},
                      Answered{299, HandlerAnswer::kDone}, Answered{300, HandlerAnswer::kAgain},
                      Answered{301, HandlerAnswer::kAgain}, Answered{304, HandlerAnswer::kAgain},
                      Answered{400, HandlerAnswer::kNever}, Answered{401, HandlerAnswer::kNever},
                      Answered{403, HandlerAnswer::kNever}, Answered{404, HandlerAnswer::kNever},
                      Answered{408, HandlerAnswer::kAgain}, Answered{409, HandlerAnswer::kAgain},
                      Answered{410, HandlerAnswer::kNever}, Answered{422, HandlerAnswer::kNever},
                      Answered{425, HandlerAnswer::kAgain}, Answered{429, HandlerAnswer::kAgain},
                      Answered{499, HandlerAnswer::kNever}, Answered{500, HandlerAnswer::kAgain},
                      Answered{502, HandlerAnswer::kAgain}, Answered{503, HandlerAnswer::kAgain},
                      Answered{599, HandlerAnswer::kAgain}));
TEST_P(WebhookStatus, DecidesWhetherItIsDone) {
  status_ = GetParam().status;
  if (status_ == 204 || status_ == 304) answer_.clear();
  const Handed handed = give();
  EXPECT_EQ(handed.verdict, GetParam().verdict) << handed.reason;
  if (handed.verdict != HandlerAnswer::kDone) {
    EXPECT_THAT(handed.reason, HasSubstr(std::to_string(status_)));
  }
  EXPECT_EQ(requests_, 1);
}

TEST_F(WebhookTest, ObeysRetryAfter) {
  status_ = 503;
  headers_ = {{"Retry-After", "120"}};
  EXPECT_EQ(give().rest, std::optional<Milliseconds>(120s));
}

TEST_F(WebhookTest, FollowsNoRedirect) {
  status_ = 307;
  headers_ = {{"Location", "/elsewhere"}};
  EXPECT_THAT(give().reason, HasSubstr("redirect"));
  EXPECT_EQ(requests_, 1);
}

TEST_F(WebhookTest, ReadsNoMoreOfAnAnswerThanItsStatusNeeds) {
  for (const auto& [status, verdict] :
       {Answered{200, HandlerAnswer::kDone}, Answered{500, HandlerAnswer::kAgain},
        Answered{400, HandlerAnswer::kNever}}) {
    status_ = status;
    answer_ = std::string(10'000'000, 'x');
    headers_ = {{"Retry-After", "7"}};
    const Handed handed = give();
    EXPECT_EQ(handed.verdict, verdict) << status;
    EXPECT_EQ(handed.rest.has_value(), verdict != HandlerAnswer::kDone);
  }
}

// The status says all; the entry would come again.
TEST_F(WebhookTest, IsDoneOnceItHasSaidSoHoweverItsBodyEnds) {
  for (const char* path : {"/breaks", "/lasts"}) {
    const auto recipient =
        make({.url = "http://127.0.0.1:" + std::to_string(port_) + path, .timeout = 300ms});
    ASSERT_TRUE(recipient);
    const std::vector<QueuedEntry> entries = {{.id = "e1", .body = "{}"}};
    const Handed handed = (*recipient)->hand_over(entries, {});
    EXPECT_EQ(handed.verdict, HandlerAnswer::kDone) << path << ": " << handed.reason;
  }
}

TEST_F(WebhookTest, ShowsTheBeginningOfAnAnswerInOneLine) {
  status_ = 422;
  answer_ = "no\r\n\x1b[31mfield\n" + std::string(1000, 'x');
  const std::string reason = give().reason;
  EXPECT_THAT(reason, HasSubstr("no   [31mfield"));
  EXPECT_LT(reason.size(), 300U);
}

TEST_F(WebhookTest, ShowsNothingOfItsOwnSecretsThatAnAnswerRepeats) {
  const std::string bare = kSecret.substr(6);
  for (const int status : {400, 500}) {
    status_ = status;
    for (const std::string& answer :
         {"wanted a signature by " + kSecret, "key " + bare,
          std::string("no /hook?tok=url%20CANARY"), std::string("tok is url CANARY"),
          std::string("tok is url+CANARY"), std::string(190, 'x') + kSecret}) {
      answer_ = answer;
      const std::string reason = give("e1", "{}", kSecret, "?tok=url%20CANARY&n=1").reason;
      EXPECT_THAT(reason, HasSubstr("…"));
      EXPECT_THAT(reason, Not(HasSubstr("CANARY")));
      EXPECT_THAT(reason, Not(HasSubstr(bare.substr(0, 5))));
    }
  }
}

TEST(Webhook, ThatIsSilentIsTriedAgainAndItsQueryNotShown) {
  const auto recipient = make_recipient(
      {.name = "P", .handler = WebhookHandler{.url = "http://127.0.0.1:1/hook?token=CANARY"}},
      {.clock = std::make_shared<testing::ManualClock>(kSigned)});
  ASSERT_TRUE(recipient);
  const std::vector<QueuedEntry> entries = {{.id = "1", .body = "{}"}};
  const Handed handed = (*recipient)->hand_over(entries, {});
  EXPECT_EQ(handed.verdict, HandlerAnswer::kAgain);
  EXPECT_THAT(handed.reason, Not(HasSubstr("CANARY")));
}

TEST(Webhook, NeedsAnAddressThatCanBeOne) {
  for (const char* url : {"", "hooks.example.com", "ftp://x/", "http://hooks.example.com/x",
                          "https://u:CANARY@h/x", "https://h/x#y", "https://h/a b", "https://"}) {
    const auto made = make_recipient({.name = "P", .handler = WebhookHandler{.url = url}}, {});
    ASSERT_FALSE(made) << url;
    EXPECT_THAT(made.error().message, Not(HasSubstr("CANARY")));
  }
}

TEST(Webhook, NeedsASecretOfTheSpecification) {
  for (const char* secret : {"CANARY", "whsec_", "whsec_CANARY", "whsec_!!!!CANARY!!!!",
                             "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
    const Result<Secret> key = webhook_key(Secret::from_string(secret, "the file hook"));
    ASSERT_FALSE(key) << secret;
    EXPECT_THAT(key.error().message, HasSubstr("the file hook"));
    EXPECT_THAT(key.error().message, Not(HasSubstr("CANARY")));
  }
}

}  // namespace
}  // namespace weir::daemon
