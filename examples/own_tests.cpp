// How to test a program that uses Weir, without a network and without waiting: a Transport that
// answers as the test says, and a clock that moves when it is told. docs/sdk.md quotes this file.
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace {

// What is tested: code of yours that gets a client.
weir::Result<void> report_outage(weir::Client& client, const std::string& id,
                                 const std::string& city) {
  return client.data_source("OUTAGES").upsert({id, city, "Assessing"});
}

// Refuses the first calls as a platform in trouble would, then accepts. Notes what it was sent.
struct ScriptedPlatform final : weir::Transport {
  int failures = 0;
  std::vector<std::string> bodies = {};

  weir::Result<weir::HttpResponse> send(const weir::HttpRequest& request) override {
    bodies.push_back(request.body);
    if (failures-- > 0) return weir::HttpResponse{.status = 503, .body = "{}"};
    return weir::HttpResponse{.status = 200, .body = "{}"};
  }
};

void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n';
  std::exit(1);
}

}  // namespace

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "weir-own-tests";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  auto platform = std::make_shared<ScriptedPlatform>();
  auto clock = std::make_shared<weir::testing::ManualClock>(
      weir::TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}});
  auto client =
      weir::Client::open({.url = "https://platform.invalid",
                          .company_id = 1,
                          .integration_key = weir::Secret::from_string("any-key", "the test"),
                          .time_zone = "America/Los_Angeles",
                          .store = (folder / "weir.db").string(),
                          .send_in_background = false,  // the test says when: drain() or send_due()
                          .clock = clock,
                          .transport = platform});
  expect(client.has_value(), "the client opens");

  platform->failures = 1;
  expect(report_outage(*client, "2467456", "Dinuba").has_value(), "an outage is kept");
  expect(platform->bodies.empty(), "keeping it costs no call");
  expect(client->drain(std::chrono::minutes{5}).has_value(), "a failure is tried again");
  expect(platform->bodies.size() == 2, "in two calls");
  expect(platform->bodies.back().find("Dinuba") != std::string::npos, "with the city");
  expect(client->usage()->calls_today == 2, "both are counted");
  std::filesystem::remove_all(folder);
  std::cout << "All holds.\n";
}
