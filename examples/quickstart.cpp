#include <weir/client.h>

#include <iostream>

int main() {
  // The mock server's URL; for real: your platform's https host.
  auto client =
      weir::Client::open({.url = "http://127.0.0.1:8080",
                          .company_id = 12345,
                          .integration_key = weir::Secret::from_env("WEIR_INTEGRATION_KEY"),
                          .time_zone = "America/Los_Angeles",
                          .store = "outages.db"});
  if (!client) return std::cerr << client.error().message << '\n', 1;
  // The change is on disk when upsert() returns. drain() waits until it has been sent.
  auto kept = client->data_source("OUTAGES").upsert({"2467456", "Dinuba", "Crew on its way"});
  auto sent = client->drain(std::chrono::seconds{30});
  if (!kept || !sent) return std::cerr << (kept ? sent.error() : kept.error()).message << '\n', 1;
  std::cout << "Sent: nothing waits any more.\n";
}
