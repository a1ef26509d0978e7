// SendingTest: a client over a played platform, with a clock that stands until it is moved.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/played_platform.h"
#include "support/temporary_folder.h"

namespace weir {

using namespace std::chrono_literals;
using testing::accepted;
using testing::answer;
using testing::Gate;
using testing::PlayedPlatform;

inline const TimePoint kStart{Milliseconds{1707163200000}};

class SendingTest : public ::testing::Test {
 protected:
  ClientOptions options(PlayedPlatform::Answer answer = accepted) {
    platform_ = std::make_shared<PlayedPlatform>(std::move(answer));
    return {.url = "https://played.example.com",
            .company_id = 12345,
            .integration_key = Secret::from_string("key", "the test"),
            .time_zone = "UTC",
            .store = folder_.file("weir.db"),
            .price_row_seconds = 0,
            .send_in_background = false,
            .call_timeout = 5s,
            .wait = 2s,
            .clock = clock_,
            .transport = platform_};
  }

  Client& open(ClientOptions options) {
    client_.reset();
    Result<Client> opened = Client::open(std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    return client_.emplace(std::move(*opened));
  }

  void change(const std::string& source, int row = 0) {
    const std::string number = std::to_string(row);
    ASSERT_TRUE(client_->data_source(source).upsert({number, "value " + number}));
  }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(kStart);
  std::shared_ptr<PlayedPlatform> platform_;
  std::optional<Client> client_;
};

}  // namespace weir
