// DownloadTest: files of form entries, fetched by a real client from the real mock server.
#pragma once

#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "mock_server/mock_server.h"
#include "support/temporary_folder.h"

namespace weir {

using namespace std::chrono_literals;
using mock::EntryFile;
using mock::FaultKind;

inline constexpr std::int64_t kMegabyte = 1'000'000;

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class DownloadTest : public ::testing::Test {
 protected:
  ClientOptions options() const {
    return {.url = server_->url(),
            .company_id = 1,
            .integration_key = Secret::from_string("k", "the test"),
            .time_zone = "UTC",
            .store = folder_.file("weir.db"),
            .send_in_background = false,
            .clock = clock_};
  }
  Client open(const ClientOptions& options) const { return Client::open(options).value(); }

  FileDownload photo() const {
    return {.entry_id = "e1", .file_name = "photo.jpg", .to = folder_.file("photo.jpg")};
  }
  EntryFile large(std::uint64_t seed = 1) const {
    return {.generated_size = kMegabyte, .seed = seed};
  }
  // The first half of the photo arrives, and no more.
  void fetch_half() {
    server_->faults().add({.kind = FaultKind::kTruncate});
    ClientOptions impatient = options();
    impatient.wait = 0ms;
    ASSERT_EQ(open(impatient).download(photo()).error().code, ErrorCode::kUnavailable);
    ASSERT_EQ(std::filesystem::file_size(photo().to + ".part"), kMegabyte / 2);
    ASSERT_FALSE(std::filesystem::exists(photo().to));
  }
  bool nothing_is_left() const {
    return !std::filesystem::exists(photo().to + ".part") &&
           !std::filesystem::exists(photo().to + ".part.version");
  }
  std::optional<int> last_status() const { return server_->usage().log.front().status; }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(
      std::chrono::floor<Milliseconds>(system_clock()->now()));
  std::unique_ptr<mock::MockServer> server_ =
      mock::MockServer::start({.company_id = 1, .integration_key = "k"});
};

}  // namespace weir
