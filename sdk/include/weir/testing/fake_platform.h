// FakePlatform: the forms platform in memory, without sockets, for unit tests of programs that use
// Weir: data sources, form entries, files, and calls that are counted and end with the day.
//
// A Transport for ClientOptions. It understands requests as the mock server does, which is the same
// platform behind a port (docs/mock-server.md). Its clock is the client's, so a test that moves a
// ManualClock moves both. Target weir::testing. Safe to use from several threads at once.
//
//   auto clock = std::make_shared<weir::testing::ManualClock>(weir::TimePoint{});
//   auto platform = std::make_shared<weir::testing::FakePlatform>(
//       weir::testing::FakePlatformOptions{.data_sources = {{"OUTAGES", {"id", "city"}}}}, clock);
//   auto client = weir::Client::open(platform->client_options(store_file));
//   client->data_source("OUTAGES").upsert({"1", "Dinuba"});
//   client->drain(std::chrono::seconds{1});
//   platform->rows("OUTAGES");  // {{"1", "Dinuba"}}
#pragma once

#include <weir/client_options.h>
#include <weir/clock.h>
#include <weir/row.h>
#include <weir/transport.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing::inline v0 {

struct FakePlatformOptions {
  // ExternalIds, each with its columns, the key first.
  std::map<std::string, std::vector<std::string>> data_sources = {};
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  std::string time_zone = "UTC";
};

// What a user of the app has sent.
struct FakeEntry {
  std::string id = {};                                            // made up when empty
  std::vector<std::pair<std::string, std::string>> answers = {};  // field and value
};

class FakePlatform final : public Transport {
 public:
  // Throws std::invalid_argument when the time zone is not known, or the clock is empty.
  FakePlatform(const FakePlatformOptions& options, std::shared_ptr<Clock> clock);
  ~FakePlatform() override;

  // For a client of this organization, on this transport and clock, that sends when it is told to,
  // whatever a call is worth. `store` is the path of a file that the test removes. The platform
  // must outlive the client.
  ClientOptions client_options(std::string store);

  // The rows in order; empty when there is no such data source.
  std::vector<Row> rows(const std::string& data_source) const;

  // A form entry arrives, now; returns its id. Throws std::invalid_argument when an answer is not
  // valid UTF-8 text.
  std::string add_entry(const std::string& form, const FakeEntry& entry);
  void add_file(const std::string& entry_id, const std::string& name, std::string content);

  // Others make so many calls. From the limit on the platform refuses.
  void spend(std::int64_t calls);

  // The next metered requests are answered so, and nothing is applied.
  void fail_next(int status, int requests = 1);
  // The next metered request is applied, and its answer is lost.
  void lose_next_answer();

  // Calls that were counted today, refused ones not among them.
  std::int64_t calls() const;

  // How a client makes requests; a test need not.
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace weir::testing::inline v0
