// PlayedCliTest: the real weir command against a platform that answers every request as the test
// says, over a real connection.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cli_fixture.h"
#include "support/raw_server.h"

namespace weir::testing {

class PlayedCliTest : public CliTest {
 protected:
  void SetUp() override {
    environment_ = {{"WEIR_URL", platform_.url()},
                    {"WEIR_COMPANY_ID", "7"},
                    {"WEIR_INTEGRATION_KEY", kCanary},
                    {"WEIR_TIME_ZONE", "America/Los_Angeles"},
                    {"WEIR_STORE", folder_.file("weir.db")}};
  }

  // `headers`: each ends with a line break.
  void answer(int status, const std::string& body, const std::string& headers = "") {
    std::lock_guard lock(mutex_);
    bytes_ = "HTTP/1.1 " + std::to_string(status) + " So\r\n" + headers +
             "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
             body;
  }

 private:
  std::mutex mutex_;
  std::string bytes_ = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

 protected:
  RawServer platform_ = RawServer::answering([this](const std::string&) {
    std::lock_guard lock(mutex_);
    return RawAnswer{.bytes = bytes_, .after = AfterAnswer::kClose};
  });
};

}  // namespace weir::testing
