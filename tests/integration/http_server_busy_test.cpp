// The HTTP server when every worker is busy and there are no more.
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <future>
#include <thread>

#include "server/http_server.h"
#include "support/raw_client.h"

namespace weir::server {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

// A head that came in time waits for a worker; that no worker was free is not the client's fault.
TEST(HttpServerBusyTest, AnswersWhoAskedInTimeWhenNoWorkerWasFree) {
  const auto clock = std::make_shared<weir::testing::ManualClock>(TimePoint{12h});
  std::promise<void> asked;
  std::promise<void> goes_on;
  const auto server = HttpServer::start({.workers = 1, .most_workers = 1, .clock = clock},
                                        [&](const HttpQuestion& question) {
                                          if (question.target == "/slow") {
                                            asked.set_value();
                                            goes_on.get_future().wait();
                                          }
                                          return text_reply(200, "text/x", "answer");
                                        })
                          .value();
  const std::string rest = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const RawClient slow(server->port());
  slow.send("GET /slow" + rest);
  asked.get_future().wait();
  const RawClient waits(server->port());
  waits.send("GET /" + rest);
  const RawClient silent(server->port());
  while (server->counts().connections != 3) std::this_thread::yield();
  clock->advance(1min);
  goes_on.set_value();
  EXPECT_TRUE(slow.read_to_end().ends_with("answer"));
  EXPECT_TRUE(waits.read_to_end().ends_with("answer"));
  EXPECT_EQ(silent.read_to_end(), "") << "but who has sent nothing is cut off";
}

}  // namespace
}  // namespace weir::server
