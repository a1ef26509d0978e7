// A process that spends the organization's calls as fast as it can, until they are spent: what the
// proof of the budget starts many of and kills.
//
// usage: budget_spender STORE CALLS_PER_DAY ANSWERS TIME_ZONE [MOCK_URL]
// Each answer adds a byte to the file ANSWERS. Without a mock server the calls go nowhere, which
// leaves the ledger and the leases.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "api/answer_table.h"
#include "api/data_source_api.h"
#include "budget/leases.h"
#include "budget/ledger.h"
#include "http/curl_transport.h"
#include "os/process.h"
#include "pipeline/budget_transport.h"

namespace {

using namespace weir;
using namespace std::chrono_literals;

class Nowhere final : public Transport {
 public:
  Result<HttpResponse> send(const HttpRequest&) override { return HttpResponse{.status = 200}; }
};

std::shared_ptr<Transport> wire(int argc, char** argv) {
  if (argc < 6) return std::make_shared<Nowhere>();
  return http::curl_transport(
             {.base_url = argv[5], .connect_timeout = 5s, .max_answer_bytes = 1 << 20})
      .value();
}

int spend_all(Transport& transport, Milliseconds call_time, int answers) {
  const api::Credentials credentials{.company_id = 1,
                                     .integration_key = Secret::from_string("k", "the test")};
  while (true) {
    HttpRequest request =
        api::page_request(credentials, {.external_id = "S", .page = 0, .page_rows = 1});
    request.timeout = call_time;
    request.reason = "proof";
    const Result<HttpResponse> response = transport.send(request);
    if (response) {
      if (::write(answers, ".", 1) != 1) return 3;
      continue;
    }
    const ErrorCode code = response.error().code;
    if (code == ErrorCode::kBudgetExhausted) return 0;
    const bool passes = code == ErrorCode::kTooManyConnections || code == ErrorCode::kStoreBusy ||
                        code == ErrorCode::kStoreUnreachable || code == ErrorCode::kUnavailable;
    if (passes) continue;
    std::fprintf(stderr, "%s\n", response.error().message.c_str());
    return 2;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string location = argv[1];
  auto opened = store::open_store({.location = location, .busy_timeout = 30s});
  while (!opened && opened.error().code == ErrorCode::kStoreUnreachable)
    opened = store::open_store({.location = location, .busy_timeout = 30s});
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  store::Store& store = *opened;
  const auto clock = system_clock();
  budget::Ledger ledger(store, clock, budget::OrgCalendar::open(argv[4]).value(),
                        {.calls_per_day = std::stoll(argv[2]), .host = os::host_id()});
  budget::Leases leases(store, clock, 50ms);
  pipeline::BudgetTransport transport(
      wire(argc, argv), ledger, leases,
      [](const HttpResponse& response) { return api::classify(response); },
      {.max_connections = 3, .wait = 30s});
  const int answers = ::open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // A lease whose holder may still be at work rests until the call's time is over.
  return spend_all(transport, argc < 6 ? Milliseconds(500ms) : Milliseconds(30s), answers);
}
