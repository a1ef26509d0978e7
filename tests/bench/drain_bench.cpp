// How long a drain of many batches takes when each answer takes 0.3 s, against one at a time in the
// same run: with two connections one is left to others, with three two data sources are sent at
// once.
#include <weir/client.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/played_platform.h"
#include "support/temporary_folder.h"

namespace {

using namespace weir;
using namespace std::chrono_literals;

constexpr int kSources = 10;
constexpr int kBatches = 300;
constexpr int kRowsPerBatch = 10;
constexpr double kMost = 0.6;

double seconds_of_a_drain(int connections) {
  const testing::TemporaryFolder folder;
  const auto platform = std::make_shared<testing::PlayedPlatform>([](const HttpRequest& request) {
    std::this_thread::sleep_for(300ms);
    return testing::accepted(request);
  });
  Result<Client> client = Client::open({.url = "https://played.example.com",
                                        .company_id = 1,
                                        .integration_key = Secret::from_string("key", "the bench"),
                                        .time_zone = "UTC",
                                        .store = folder.file("weir.db"),
                                        .max_connections = connections,
                                        .limits = {.upserts = kRowsPerBatch},
                                        .send_in_background = false,
                                        .transport = platform});
  if (!client) return -1;
  for (int source = 0; source < kSources; ++source) {
    std::vector<Change> changes;
    for (int row = 0; row < kBatches / kSources * kRowsPerBatch; ++row)
      changes.emplace_back(Upsert{Row{std::to_string(row), "Reedley"}});
    if (!client->data_source("SOURCE" + std::to_string(source)).apply(changes)) return -1;
  }
  const auto begun = std::chrono::steady_clock::now();
  const Result<SendReport> sent = client->drain(10min);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (!sent || sent->calls != kBatches) return -1;
  return took.count();
}

}  // namespace

int main() {
  const double one = seconds_of_a_drain(2);
  const double two = seconds_of_a_drain(3);
  if (one <= 0 || two <= 0) {
    std::puts("drain: failed");
    return 1;
  }
  std::printf(
      "drain of %d batches of %d data sources, answers of 0.3 s: one at a time %.1f s, two "
      "%.1f s, ratio %.2f (at most %.2f)\n",
      kBatches, kSources, one, two, two / one, kMost);
  return two <= kMost * one ? 0 : 1;
}
