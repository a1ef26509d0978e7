// The daemon's receiver of deliveries, against clients that anybody could be.
#include <gmock/gmock.h>
#include <poll.h>

#include <atomic>
#include <thread>
#include <vector>

#include "daemon/entries/receiver.h"
#include "integration/poll_fixture.h"
#include "support/raw_client.h"

namespace weir::daemon {
namespace {

using ::testing::HasSubstr;

class DaemonReceiverTest : public PollTest {
 protected:
  static std::string head_of(const std::string& path, std::size_t bytes) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) +
           "\r\n\r\n";
  }
  testing::RawClient connect() const { return testing::RawClient(receiver_->port()); }
  std::string answer_to(const std::string& text) const {
    const testing::RawClient raw = connect();
    raw.send(text);
    return raw.read_answer();
  }

  const std::unique_ptr<Receiver> receiver_ = Receiver::start("127.0.0.1", 0).value();
};

TEST_F(DaemonReceiverTest, ADeliveryForNobodyIsRefusedBeforeItsBody) {
  EXPECT_THAT(answer_to(head_of("/NOBODY", 8'000'000)), HasSubstr(" 404 "));
}

// As for a stop or a reload.
TEST_F(DaemonReceiverTest, APathEndsWhileDeliveriesComeWithoutAPause) {
  Client client = open();
  receiver_->serve("/F", client.form_entries("F"), [] {});
  std::atomic<int> taken = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const std::string body =
            R"({"IntegrationKey":"CANARY-key","Entry":{"Id":")" + std::to_string(taken) + R"("}})";
        const std::string answer = answer_to(head_of("/F", body.size()) + body);
        ++(answer.find(" 200 ") != std::string::npos ? taken : refused);
      }
    });
  }
  while (taken < 8) std::this_thread::yield();
  receiver_->forget("/F");
  const int before = taken;
  while (refused < 8) std::this_thread::yield();
  // The answers of those that were under way may come in later.
  EXPECT_LE(taken, before + 4);
}

// Whoever delivers may be anybody until all of it is there.
TEST_F(DaemonReceiverTest, WhatArrivesAtOnceIsBounded) {
  constexpr std::size_t kWhole = 8 * 1024 * 1024;
  constexpr std::size_t kAtOnce = 64 * 1024 * 1024;
  Client client = open();
  receiver_->serve("/F", client.form_entries("F"), [] {});
  const std::string almost_all(kWhole - 1, ' ');
  std::vector<testing::RawClient> senders;
  std::vector<pollfd> answers;
  for (std::size_t sent = 0; sent <= kAtOnce; sent += almost_all.size()) {
    senders.push_back(connect());
    senders.back().send(head_of("/F", kWhole) + almost_all);
    answers.push_back({.fd = senders.back().socket(), .events = POLLIN, .revents = 0});
  }
  // Of two whose last bytes are under way, both may be.
  ASSERT_GE(::poll(answers.data(), answers.size(), 20'000), 1) << "one of them is too much";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].revents != 0) EXPECT_THAT(senders[i].read_answer(), HasSubstr(" 503 "));
  }
  senders.clear();
  std::string answer;
  do {
    answer = answer_to(head_of("/F", 2) + "{}");
  } while (answer.find(" 503 ") != std::string::npos);
  EXPECT_THAT(answer, HasSubstr(" 40")) << "what has gone counts no more";
  receiver_->forget("/F");
}

}  // namespace
}  // namespace weir::daemon
