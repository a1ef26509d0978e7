#include <weir/client.h>

#include <iostream>

int main() {
  auto client = weir::Client::open(
      {.url = "http://127.0.0.1:8080",  // the mock server; for real: your https host
       .company_id = 12345,
       .integration_key = weir::Secret::from_env("WEIR_INTEGRATION_KEY"),
       .time_zone = "America/Los_Angeles",
       .store = "outages.db"});
  if (!client) return std::cerr << client.error().message << '\n', 1;
  auto outages = client->data_source("OUTAGES");
  auto kept = outages.upsert({"2467456", "Dinuba", "Crew on its way"});  // durable when it returns
  auto sent = client->drain(std::chrono::seconds{30});  // or leave it to the background thread
  if (!kept || !sent) return std::cerr << (kept ? sent.error() : kept.error()).message << '\n', 1;
  std::cout << sent->changes << " change(s) sent in " << sent->calls << " call(s)\n";
}
