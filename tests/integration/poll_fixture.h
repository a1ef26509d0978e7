// PollTest: a client that polls, in virtual time, and a mock server whose clock keeps step.
#pragma once

#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include "mock_server/mock_server.h"
#include "support/temporary_folder.h"

namespace weir {

using namespace std::chrono_literals;

inline const TimePoint kStart{Milliseconds{1'707'163'200'000}};
using Ids = std::vector<std::string>;

class PollTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }

  void start(const mock::Options& changes = {}) {
    mock::Options options = changes;
    options.company_id = 12345;
    options.integration_key = "CANARY-key";
    options.time_zone = "America/Los_Angeles";
    options.data_sources = {{"S", {"id", "label"}}};
    server_ = mock::MockServer::start(options);
    server_->clock().set_rate(0);
    server_->clock().set(kStart);
  }

  Client open(bool in_background = false, std::int64_t calls_per_day = 2500) {
    Result<Client> client = Client::open({.url = server_->url(),
                                          .company_id = 12345,
                                          .integration_key = Secret::from_string("CANARY-key", "t"),
                                          .time_zone = "America/Los_Angeles",
                                          .store = folder_.file("weir.db"),
                                          .calls_per_day = calls_per_day,
                                          .send_in_background = in_background,
                                          .call_timeout = 5s,
                                          .lease_rest = 1ms,
                                          .clock = in_background ? nullptr : clock_});
    EXPECT_TRUE(client) << client.error().message;
    return std::move(*client);
  }

  void add(const std::string& id, Milliseconds received, Milliseconds visible_after = 0ms) {
    server_->receive({{.id = id,
                       .form = "F",
                       .received = kStart + received,
                       .visible_from = kStart + visible_after,
                       .answers = R"({"page":{"x":"1"}})"}});
  }

  void add_many(int count) {
    for (int i = 0; i < count; ++i) add("e" + std::to_string(i), Milliseconds{i});
  }

  EntryHandler collect() {
    return [this](const FormEntry& entry) -> Result<void> {
      ids_.push_back(entry.id);
      return {};
    };
  }

  void pass(Milliseconds time) {
    clock_->advance(time);
    server_->clock().advance(time);
  }

  // A look now.
  void look(Client& client, Poll& poll) {
    poll.hint();
    const auto next = client.poll_due();
    EXPECT_TRUE(next) << next.error().message;
  }

  std::int64_t calls() { return server_->usage().calls_today; }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(kStart);
  std::unique_ptr<mock::MockServer> server_;
  Ids ids_;
};

}  // namespace weir
