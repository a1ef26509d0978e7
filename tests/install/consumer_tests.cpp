// What a user's own unit tests look like: a push, an entry, a file and a spent day, without a
// socket and without a line of JSON, and a mock server in the same process.
#include <weir/client.h>
#include <weir/mock_server/mock_server.h>
#include <weir/testing/fake_platform.h>
#include <weir/testing/fake_transport.h>
#include <weir/testing/manual_clock.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

using namespace std::chrono_literals;

namespace {

const std::filesystem::path kFolder =
    std::filesystem::temp_directory_path() / "weir-consumer-tests";

void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n';
  std::exit(1);
}

struct Company {
  explicit Company(const std::string& name, std::int64_t calls_per_day = 2500) {
    platform = std::make_shared<weir::testing::FakePlatform>(
        weir::testing::FakePlatformOptions{.data_sources = {{"OUTAGES", {"id", "city"}}},
                                           .calls_per_day = calls_per_day},
        clock);
    client = std::make_unique<weir::Client>(
        weir::Client::open(platform->client_options(kFolder / name)).value());
  }

  std::shared_ptr<weir::testing::ManualClock> clock =
      std::make_shared<weir::testing::ManualClock>(weir::TimePoint{std::chrono::hours{12}});
  std::shared_ptr<weir::testing::FakePlatform> platform;
  std::unique_ptr<weir::Client> client;
};

void a_push_arrives_and_costs_one_call() {
  const Company company("push.db");
  expect(company.client->data_source("OUTAGES")
             .publish({{"1", "Dinuba"}, {"2", "Visalia"}})
             .has_value(),
         "it is kept");
  expect(company.client->drain(1s).has_value(), "it is sent");
  expect(company.platform->rows("OUTAGES") ==
             std::vector<weir::Row>{{"1", "Dinuba"}, {"2", "Visalia"}},
         "the platform has the rows");
  expect(company.platform->calls() == 1, "it was one call");
}

void a_lost_answer_leads_to_the_same_rows() {
  const Company company("lost.db");
  company.platform->lose_next_answer();
  expect(company.client->data_source("OUTAGES").upsert({"1", "Dinuba"}).has_value(), "it is kept");
  expect(company.client->drain(60s).has_value(), "it is sent again");
  expect(company.platform->rows("OUTAGES") == std::vector<weir::Row>{{"1", "Dinuba"}}, "once");
  expect(company.platform->calls() == 2, "it was two calls");
}

void an_entry_is_handled_once() {
  const Company company("entry.db");
  company.platform->add_entry("INSPECTION", {.answers = {{"city", "Dinuba"}}});
  int handled = 0;
  const auto poll = company.client->form_entries("INSPECTION").poll([&](const weir::FormEntry&) {
    ++handled;
    return weir::Result<void>();
  });
  expect(poll.has_value(), "the poll begins");
  expect(company.client->poll_due().has_value(), "it looks");
  company.clock->advance(std::chrono::hours{25});
  expect(company.client->poll_due().has_value(), "it looks again");
  expect(handled == 1, "it was handled once");
}

void a_file_is_fetched_without_a_call() {
  const Company company("file.db");
  const std::string entry = company.platform->add_entry("INSPECTION", {});
  company.platform->add_file(entry, "photo.jpg", "a picture");
  const auto fetched = company.client->download(
      {.entry_id = entry, .file_name = "photo.jpg", .to = kFolder / "photo.jpg"});
  expect(fetched.has_value(), "it is fetched");
  std::ifstream file(kFolder / "photo.jpg");
  expect(std::string(std::istreambuf_iterator<char>(file), {}) == "a picture", "as it was added");
  expect(company.platform->calls() == 0, "it cost no call");
}

void a_spent_day_keeps_rows_for_the_next_one() {
  const Company company("spent.db", 3);
  company.platform->spend(3);
  expect(company.client->data_source("OUTAGES").upsert({"1", "Dinuba"}).has_value(), "it is kept");
  const auto refused = company.client->drain(1s);
  expect(!refused && refused.error().code == weir::ErrorCode::kBudgetExhausted, "the day is spent");
  company.clock->advance(std::chrono::hours{13});
  expect(company.client->drain(1s).has_value(), "the next day it is sent");
  expect(company.platform->rows("OUTAGES").size() == 1, "and is there");
}

void a_mock_server_runs_in_the_process() {
  const auto server = weir::mock::MockServer::start(
      {.company_id = 7, .integration_key = "k", .data_sources = {{"OUTAGES", {"id", "city"}}}});
  expect(server != nullptr, "it starts");
  auto client = weir::Client::open({.url = server->url(),
                                    .company_id = 7,
                                    .integration_key = weir::Secret::from_string("k", "the test"),
                                    .time_zone = "UTC",
                                    .store = kFolder / "server.db"});
  expect(client.has_value(), "a client opens");
  expect(client->data_source("OUTAGES").upsert({"1", "Dinuba"}).has_value(), "it is kept");
  expect(client->drain(10s).has_value(), "it is sent");
  expect(server->rows("OUTAGES")->size() == 1, "the server has it");
}

}  // namespace

int main() {
  std::filesystem::remove_all(kFolder);
  std::filesystem::create_directories(kFolder);
  a_push_arrives_and_costs_one_call();
  a_lost_answer_leads_to_the_same_rows();
  an_entry_is_handled_once();
  a_file_is_fetched_without_a_call();
  a_spent_day_keeps_rows_for_the_next_one();
  a_mock_server_runs_in_the_process();
  std::filesystem::remove_all(kFolder);
  std::cout << "a push, an entry, a file, a spent day and a server of its own: all well\n";
}
