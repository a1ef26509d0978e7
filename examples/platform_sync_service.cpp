// Platform Sync in one file: rows from the program's own code, each crew sees its own, and no call
// is spent. Start it with the organization's Private Token, then open the URL that it prints, or
// set it as the data source's sync URL in the portal.
//
//   WEIR_PRIVATE_TOKEN=… weir-platform-sync-service 12345
#include <weir/sync/sync_server.h>
#include <weir/sync/sync_service.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

// What the dispatch system knows. The same class can be pushed to a Data Source instead:
//   client->data_source("OUTAGES").publish(outages);
class Outages final : public weir::RowSource {
 public:
  weir::Result<std::vector<std::string>> columns() override {
    return std::vector<std::string>{"outage_id", "town", "status", "crew_email"};
  }

  weir::Result<void> read(const weir::RowQuery&, const weir::RowSink& sink) override {
    for (const weir::Row& row : std::vector<weir::Row>{
             {"2467456", "Dinuba", "Crew on its way", "ann@example.com"},
             {"2467460", "Orosi", "Assessing", "bob@example.com"},
             {"2467471", "Visalia", "Wire down", "ann@example.com"},
         }) {
      if (weir::Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }
};

int fail(const weir::Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: weir-platform-sync-service COMPANY_ID\n";
    return 2;
  }
  auto service = weir::SyncService::open({
      .company_id = std::atoll(argv[1]),
      .private_tokens = {weir::Secret::from_env("WEIR_PRIVATE_TOKEN")},
      .store = "platform-sync.db",
      .sources = {{.id = "OUTAGES",
                   .rows = std::make_shared<Outages>(),
                   .rule = weir::UserRule::column("crew_email"),
                   .columns = {"outage_id", "town", "status"}}},
  });
  if (!service) return fail(service.error());
  auto server = weir::SyncServer::start(*service, {.port = 8088});
  if (!server) return fail(server.error());
  std::cout << "listening on " << server->url() << "; Enter ends it" << std::endl;
  std::cin.get();
  return 0;
}
