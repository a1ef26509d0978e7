// The real weir-mock-device, and the device as a library, against scripted services.
#include "mock_server/device.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <map>
#include <thread>

#include "support/process.h"
#include "support/raw_server.h"
#include "support/temporary_folder.h"

namespace weir::mock {
namespace {

constexpr const char* kCanary = "CANARY-4711&token%";

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

std::string status(int code) {
  return "HTTP/1.1 " + std::to_string(code) +
         " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

std::string full(const std::string& last_updated, const std::string& rows) {
  return ok(R"({"LastUpdated":")" + last_updated + R"(","DataSources":[{"Id":"A","Rows":)" + rows +
            "}]}");
}

class DeviceTest : public ::testing::Test {
 protected:
  testing::Finished device(const std::string& url, std::vector<std::string> more = {}) {
    std::vector<std::string> command = {std::string(WEIR_BINARIES) + "/weir-mock-device",
                                        "--url",
                                        url,
                                        "--company-id",
                                        "7",
                                        "--ids",
                                        "A",
                                        "--email",
                                        "ada+1@example.com"};
    command.insert(command.end(), more.begin(), more.end());
    const testing::Finished done = testing::run(command, {{"WEIR_PRIVATE_TOKEN", kCanary}});
    EXPECT_EQ((done.out + done.err).find("CANARY"), std::string::npos) << "the token was printed";
    return done;
  }

  const testing::TemporaryFolder folder_;
  const std::string state_ = folder_.file("state.json");
};

TEST_F(DeviceTest, AsksAsTheAppDoesAndPrintsItsRows) {
  testing::RawServer server({full("2026-11-24T08:00:00", R"([["1","a"]])")});
  const testing::Finished done = device(server.url() + "/sync?x=1");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out, R"({"last_updated":"2026-11-24T08:00:00","rows":{"A":[["1","a"]]}})"
                      "\n");
  const std::string request = server.last_request();
  EXPECT_TRUE(request.starts_with(
      "GET /sync?x=1&ids=A&providerId=7&integrationkey=CANARY-4711%26token%25&"
      "email=ada%2B1%40example.com&lastupdated=2000-01-01T00%3A00%3A00&lastupdateds= HTTP/1.1\r\n"))
      << request;
  EXPECT_NE(request.find("Accept-Encoding: gzip, deflate\r\n"), std::string::npos);
}

TEST_F(DeviceTest, SendsLastUpdatedBackAsTheTextThatCame) {
  testing::RawServer server({full("any text: 7", "[]"), ok(R"({"LastUpdated":"next"})")});
  EXPECT_EQ(device(server.url(), {"--syncs", "2"}).exit_code, 0);
  EXPECT_NE(
      server.last_request().find("lastupdated=any%20text%3A%207&lastupdateds=any%20text%3A%207"),
      std::string::npos);
}

TEST_F(DeviceTest, GoesOnFromItsStateAfterARestart) {
  testing::RawServer server(
      {full("t1", R"([["1","a"],["2","b"]])"),
       ok(R"({"LastUpdated":"t2","DataSources":[{"Id":"A","DeletedRows":[["1"]]}]})")});
  device(server.url(), {"--state", state_});
  const testing::Finished second = device(server.url(), {"--state", state_});
  EXPECT_EQ(second.out, R"({"last_updated":"t2","rows":{"A":[["2","b"]]}})"
                        "\n");
  EXPECT_NE(server.last_request().find("lastupdateds=t1 "), std::string::npos);
}

TEST_F(DeviceTest, KeepsItsRowsWhenAnAnswerFailsAndSaysHow) {
  const std::map<std::string, int> answers = {
      {status(401), 4},
      {status(404), 4},
      {status(500), 6},
      {status(302), 1},
      {"", 6},
      {ok("nonsense"), 1},
      {ok(R"({"DataSources":[]})"), 1},
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{}", 6}};
  for (const auto& [answer, exit_code] : answers) {
    testing::RawServer server({full("t1", R"([["1","a"]])"), answer});
    const testing::Finished done = device(server.url(), {"--syncs", "2"});
    EXPECT_EQ(done.exit_code, exit_code) << answer << done.err;
    EXPECT_EQ(done.out, R"({"last_updated":"t1","rows":{"A":[["1","a"]]}})"
                        "\n");
    EXPECT_NE(done.err.find("weir-mock-device: A: "), std::string::npos);
  }
}

TEST_F(DeviceTest, TriesAgainAtTheNextSync) {
  testing::RawServer server({"", status(503), full("t1", "[]")});
  const testing::Finished done = device(server.url(), {"--syncs", "3"});
  EXPECT_EQ(done.exit_code, 0) << "the last sync went well";
  EXPECT_NE(done.err.find("503"), std::string::npos) << "the others are told";
}

TEST_F(DeviceTest, SaysThatNobodyAnswers) {
  int port = 0;
  { port = testing::RawServer({}).port(); }
  const std::string url = "http://127.0.0.1:" + std::to_string(port);
  const testing::Finished done = device(url);
  EXPECT_EQ(done.exit_code, 6);
  EXPECT_NE(done.err.find(url), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("connection refused"), std::string::npos) << done.err;
}

TEST_F(DeviceTest, TellsWhatStandsBetweenItAndTheService) {
  testing::RawServer cut_off(
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{}"});
  const std::string half = device(cut_off.url()).err;
  EXPECT_NE(half.find("the answer was cut off"), std::string::npos) << half;
  httplib::Server plain;
  const int port = plain.bind_to_any_port("127.0.0.1");
  std::jthread listening([&] { plain.listen_after_bind(); });
  while (!plain.is_running()) std::this_thread::yield();
  const std::string no_tls = device("https://127.0.0.1:" + std::to_string(port)).err;
  EXPECT_NE(no_tls.find("no TLS is spoken there"), std::string::npos) << no_tls;
  plain.stop();
}

TEST_F(DeviceTest, SaysWhatIsWrongWithItsStateFile) {
  testing::RawServer server({});
  folder_.write("state.json", "x");
  EXPECT_EQ(device(server.url(), {"--state", state_}).exit_code, 8);
  EXPECT_EQ(device(server.url(), {"--state", folder_.file("missing/state.json")}).exit_code, 8);
  EXPECT_EQ(device("http://example.com/").exit_code, 3);
  EXPECT_EQ(device(server.url(), {"--syncs", "x"}).exit_code, 2);
}

TEST_F(DeviceTest, UnderstandsCompressedAnswersAndAsksForOneDataSourceAfterAnother) {
  httplib::Server server;
  std::vector<std::string> asked;
  server.Get("/", [&](const httplib::Request& request, httplib::Response& response) {
    response.set_content(R"({"LastUpdated":"t","DataSources":[{"Id":")" +
                             request.get_param_value("ids") + R"(","Rows":[["1",")" +
                             std::string(10'000, 'x') + R"("]]}]})",
                         "application/json");
  });
  server.set_logger([&](const httplib::Request& request, const httplib::Response& response) {
    asked.push_back(request.get_param_value("ids") + " " +
                    response.get_header_value("Content-Encoding"));
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::jthread serving([&] { server.listen_after_bind(); });
  {
    Device phone({.url = "http://127.0.0.1:" + std::to_string(port),
                  .company_id = 7,
                  .ids = {"B", "A"},
                  .email = "e",
                  .private_token = "t"});
    EXPECT_TRUE(phone.sync().empty());
    EXPECT_EQ(phone.rows("A"), (std::vector<Row>{{"1", std::string(10'000, 'x')}}));
    EXPECT_EQ(phone.rows("A"), phone.rows("B"));
  }
  server.stop();
  serving.join();
  EXPECT_EQ(asked, (std::vector<std::string>{"B gzip", "A gzip"}));
}

TEST_F(DeviceTest, EndsAnAnswerThatHasNoEnd) {
  testing::RawServer server = testing::RawServer::answering([](const std::string&) {
    return testing::RawAnswer{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{",
                              .after = testing::AfterAnswer::kDrip};
  });
  Device phone({.url = server.url(),
                .company_id = 7,
                .ids = {"A"},
                .email = "e",
                .private_token = "t",
                .answer_time = std::chrono::seconds{0}});
  const std::vector<SyncProblem> problems = phone.sync();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().failure, SyncFailure::kUnreachable);
  EXPECT_NE(problems.front().message.find("was not at its end after 0 s"), std::string::npos);
}

TEST_F(DeviceTest, TakesNoMoreThanAPhoneKeeps) {
  testing::RawServer server({full("t1", R"([["1",")" + std::string(2000, 'x') + R"("]])")});
  Device phone({.url = server.url(),
                .company_id = 7,
                .ids = {"A"},
                .email = "e",
                .private_token = "t",
                .most_bytes = 1000});
  const std::vector<SyncProblem> problems = phone.sync();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().failure, SyncFailure::kBadAnswer);
  EXPECT_NE(problems.front().message.find("larger than 1000 bytes"), std::string::npos);
}

TEST_F(DeviceTest, ForgetsALostAnswer) {
  testing::RawServer server({full("t1", R"([["1","a"]])"), full("t2", "[]"), full("t2", "[]")});
  Device phone(
      {.url = server.url(), .company_id = 7, .ids = {"A"}, .email = "e", .private_token = "t"});
  phone.sync();
  const DeviceState before = phone.state();
  phone.sync();
  EXPECT_TRUE(phone.rows("A").empty());
  phone.restore(before);
  EXPECT_EQ(phone.rows("A"), (std::vector<Row>{{"1", "a"}}));
  phone.sync();
  EXPECT_NE(server.last_request().find("lastupdateds=t1 "), std::string::npos);
}

}  // namespace
}  // namespace weir::mock
