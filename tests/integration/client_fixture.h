// ClientTest: a real client against the real mock server, with a clock that stands until it is
// moved.
#pragma once

#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock_server/mock_server.h"
#include "support/temporary_folder.h"

namespace weir {

using namespace std::chrono_literals;
using mock::MockServer;

class ClientTest : public ::testing::Test {
 protected:
  void start(const mock::Options& changes = {}) {
    mock::Options options = changes;
    options.company_id = 12345;
    options.integration_key = "CANARY-key";
    options.time_zone = "America/Los_Angeles";
    options.data_sources = {{"OUTAGES", {"id", "city", "status"}}, {"CREWS", {"id", "name"}}};
    server_ = MockServer::start(options);
    ASSERT_TRUE(server_);
    open();
  }

  void open(const std::string& key = "CANARY-key", std::optional<double> price = 600,
            std::int64_t calls_per_day = 2500) {
    open(key, clock_, price, calls_per_day);
  }

  void open(const std::string& key, const std::shared_ptr<Clock>& clock,
            std::optional<double> price = 600, std::int64_t calls_per_day = 2500) {
    client_.reset();
    Result<Client> client = Client::open({.url = server_->url(),
                                          .company_id = 12345,
                                          .integration_key = Secret::from_string(key, "the test"),
                                          .time_zone = "America/Los_Angeles",
                                          .store = folder_.file("weir.db"),
                                          .calls_per_day = calls_per_day,
                                          .sources = sources_,
                                          .price_row_seconds = price,
                                          .send_in_background = false,
                                          .call_timeout = 5s,
                                          .log =
                                              [this](LogLevel /*level*/, std::string_view text) {
                                                const std::lock_guard lock(hearing_);
                                                heard_.emplace_back(text);
                                              },
                                          .clock = clock});
    ASSERT_TRUE(client) << client.error().message;
    client_.emplace(std::move(*client));
  }

  std::vector<Row> rows(const std::string& source = "OUTAGES") {
    return server_->rows(source).value();
  }
  DataSource outages() { return client_->data_source("OUTAGES"); }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{Milliseconds{1707163200000}});
  std::map<std::string, SourceOptions> sources_;  // of clients that are opened from now on
  std::unique_ptr<MockServer> server_;
  std::mutex hearing_;
  std::vector<std::string> heard_;  // of the log
  std::optional<Client> client_;
};

}  // namespace weir
