// SourceTaskTest: the task of one data source on a real client, the real mock server and real
// files, with a clock that stands until it is moved. What the system tells of files is waited for.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sources/make_source.h"
#include "mock_server/mock_server.h"
#include "support/temporary_folder.h"

namespace weir::daemon {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A table of `rows` rows as a CSV file.
inline std::string csv_of(int rows, const std::string& label = "label") {
  std::string text = "id,label\n";
  for (int i = 1; i <= rows; ++i) text += std::to_string(i) + "," + label + "\n";
  return text;
}

class SourceTaskTest : public ::testing::Test {
 protected:
  SourceTaskTest() {
    server_ = mock::MockServer::start({.company_id = 1,
                                       .integration_key = "CANARY-key",
                                       .time_zone = "UTC",
                                       .data_sources = {{"OUTAGES", {"id", "label"}}}});
    watch_ = FolderWatch::start().value();
    org_.client = client_options();
    state_.state_directory = folder_.file("state");
    std::filesystem::create_directory(state_.state_directory);
    open();
  }

  ClientOptions client_options() {
    return {.url = server_->url(),
            .company_id = 1,
            .integration_key = Secret::from_string("CANARY-key", "the test"),
            .time_zone = "America/Los_Angeles",
            .store = folder_.file("weir.db"),
            .price_row_seconds = 600,
            .send_in_background = false,
            .call_timeout = 5s,
            .clock = clock_};
  }

  void open() {
    client_.reset();
    Result<Client> client = Client::open(client_options());
    ASSERT_TRUE(client) << client.error().message;
    client_.emplace(std::move(*client));
  }

  OrgParts parts() {
    return {.config = org_,
            .daemon = state_,
            .client = *client_,
            .clock = clock_,
            .log = [this](LogLevel, std::string_view line) { lines_.emplace_back(line); },
            .rows_kept = [this] { ++kept_; },
            .looks_wanted = {}};
  }

  // The task as another start of the daemon would make it.
  void make(SourceConfig config, Delivering delivering = Delivering::kReal) {
    made_ = {};
    config.id = config.id.empty() ? "OUTAGES" : config.id;
    Result<MadeSource> made = make_source(
        parts(), config, watch_, [this] { wake(); }, delivering);
    ASSERT_TRUE(made) << made.error().message;
    made_ = std::move(*made);
  }

  void wake() {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    woken_.notify_all();
  }

  // Until the system has told of a file.
  void wait_until_woken() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return is_woken_; });
    is_woken_ = false;
  }

  // Until the system has told all that has happened in the folder by now: it tells in order.
  void wait_for_events(const std::string& folder = ".") {
    const std::string name = "marker " + std::to_string(++markers_);
    bool is_told = false;
    const auto watched =
        watch_->watch(folder_.file(folder), [&](FileEvent, std::string_view found) {
          const std::lock_guard lock(mutex_);
          is_told = is_told || found == name;
          woken_.notify_all();
        });
    folder_.write(folder + "/" + name, "");
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [&] { return is_told; });
  }

  std::optional<TimePoint> turn() { return made_.task->run({}); }
  TaskStatus status() { return made_.task->status(); }
  void send() {
    const Result<SendReport> sent = client_->drain(10s);
    ASSERT_TRUE(sent) << sent.error().message;
  }
  std::vector<Row> rows() { return server_->rows("OUTAGES").value(); }
  std::int64_t waiting() { return client_->data_source("OUTAGES").known()->waiting; }

  // Somebody else has filled the data source before.
  void fill_platform(const std::vector<Row>& rows) {
    ClientOptions options = client_options();
    options.store = folder_.file("other.db");
    Result<Client> other = Client::open(std::move(options));
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->data_source("OUTAGES").publish(rows, {.first = FirstPublish::kReplace}));
    ASSERT_TRUE(other->drain(10s));
  }

  // A rename into its place.
  void replace(const std::string& name, const std::string& content) {
    folder_.write("." + name + ".new", content);
    std::filesystem::rename(folder_.file("." + name + ".new"), folder_.file(name));
  }

  SourceConfig csv(std::optional<FirstPublish> first = FirstPublish::kReplace) {
    return {.origin = FileOrigin{.path = folder_.file("outages.csv")}, .guards = {.first = first}};
  }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(system_clock()->now());
  std::unique_ptr<mock::MockServer> server_;
  std::shared_ptr<FolderWatch> watch_;
  OrgConfig org_;
  DaemonSettings state_;
  std::vector<std::string> lines_;  // of the log
  int kept_ = 0;
  std::optional<Client> client_;
  MadeSource made_;

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
  int markers_ = 0;
};

// Of a source that is a CSV file.
class DaemonFilesTest : public SourceTaskTest {
 protected:
  // Published and acknowledged.
  void publish(int rows) {
    replace("outages.csv", csv_of(rows));
    make(csv());
    settle();
    send();
    ASSERT_EQ(status().state, TaskState::kWell) << status().error;
    ASSERT_EQ(this->rows().size(), static_cast<std::size_t>(rows));
  }

  // The next turn reads the file, however it was written.
  void settle() {
    turn();
    clock_->advance(61s);
    turn();
  }
};

}  // namespace weir::daemon
