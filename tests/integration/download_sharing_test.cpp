// Downloads where the organization has a single connection, which calls need too.
#include <functional>
#include <utility>

#include "download_fixture.h"

namespace weir {
namespace {

// Lets something happen whenever somebody waits.
class HookedClock final : public Clock {
 public:
  explicit HookedClock(std::shared_ptr<testing::ManualClock> clock) : clock_(std::move(clock)) {}
  TimePoint now() const override { return clock_->now(); }
  Milliseconds steady_now() const override { return clock_->steady_now(); }
  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    if (on_wait) std::exchange(on_wait, {})();
    return clock_->wait(duration, stop);
  }
  std::function<void()> on_wait;

 private:
  const std::shared_ptr<testing::ManualClock> clock_;
};

class SingleConnectionTest : public DownloadTest {
 protected:
  SingleConnectionTest() {
    server_ = mock::MockServer::start({.company_id = 1,
                                       .integration_key = "k",
                                       .max_connections = 1,
                                       .data_sources = {{"S", {"id", "text"}}},
                                       .files_hold_connection = true});
    single_ = options();
    single_.max_connections = 1;
    single_.clock = hooked_;
    single_.wait = 1s;
  }

  // Each piece of the file takes six seconds.
  FileDownload slow_photo() {
    FileDownload photo = DownloadTest::photo();
    photo.on_progress = [this](const DownloadProgress&) { return clock_->advance(6s), true; };
    return photo;
  }

  std::shared_ptr<HookedClock> hooked_ = std::make_shared<HookedClock>(clock_);
  ClientOptions single_;
};

TEST_F(SingleConnectionTest, IsGivenUpForCallsInTheMiddleOfALongDownload) {
  server_->add_file("e1", "photo.jpg", large());
  Client client = open(single_);
  bool has_sent = false;
  hooked_->on_wait = [&] {
    EXPECT_TRUE(client.data_source("S").upsert({"1", "a"}));
    const auto sent = client.drain(1s);
    has_sent = sent.has_value();
    EXPECT_TRUE(sent) << sent.error().message;
  };
  const Result<DownloadReport> report = client.download(slow_photo());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(has_sent);
  EXPECT_GT(report->requests, 1);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
  EXPECT_EQ(server_->usage().refused, 0);
}

TEST_F(SingleConnectionTest, IsGivenUpForNothingWhenTheFileIsSmallOrEmpty) {
  server_->add_file("e1", "photo.jpg", {});
  Client client = open(single_);
  EXPECT_EQ(client.download(photo())->bytes, 0);
  EXPECT_EQ(content_of(photo().to), "");
  server_->add_file("e1", "photo.jpg", {.content = "a photo"});
  EXPECT_EQ(client.download(photo())->requests, 1);
  EXPECT_EQ(content_of(photo().to), "a photo");
}

TEST_F(SingleConnectionTest, FetchesAFileWholeWhosePiecesNothingHoldsTogether) {
  EntryFile file = large();
  file.validators = false;
  server_->add_file("e1", "photo.jpg", file);
  const Result<DownloadReport> report = open(single_).download(slow_photo());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->requests, 2);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
}

TEST_F(SingleConnectionTest, IsKeptWhereThePlatformWouldBeginTheFileAgain) {
  EntryFile file = large();
  file.ranges = false;
  server_->add_file("e1", "photo.jpg", file);
  EXPECT_EQ(open(single_).download(slow_photo())->requests, 1);
}

}  // namespace
}  // namespace weir
