// Platform Sync in a build with WEIR_WITH_SYNC=OFF. open() says what is missing, so nobody has a
// service or a server on which to call the rest.
#include <weir/sync/sync_server.h>

namespace weir {
namespace {

Error not_built() {
  return {.code = ErrorCode::kInvalidConfig,
          .message =
              "this build of Weir is without Platform Sync: build it with "
              "WEIR_WITH_SYNC=ON"};
}

}  // namespace

class SyncService::Impl {};

SyncService::SyncService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SyncService::SyncService(SyncService&&) noexcept = default;
SyncService& SyncService::operator=(SyncService&&) noexcept = default;
SyncService::~SyncService() = default;

Result<SyncService> SyncService::open(SyncOptions) { return not_built(); }
SyncHttpAnswer SyncService::handle(const SyncHttpRequest&) { return {.status = 501}; }
Result<SyncAnswer> SyncService::answer(const SyncRequest&) { return not_built(); }
Result<SyncExplanation> SyncService::explain(const std::string&, const std::string&) {
  return not_built();
}
Result<void> SyncService::replaced(const std::string&, const std::string&, const std::string&,
                                   const std::string&) {
  return not_built();
}
Result<void> SyncService::check_sources() { return not_built(); }
Result<void> SyncService::start_anew() { return not_built(); }

class SyncServer::Impl {};

SyncServer::SyncServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SyncServer::SyncServer(SyncServer&&) noexcept = default;
SyncServer& SyncServer::operator=(SyncServer&&) noexcept = default;
SyncServer::~SyncServer() = default;

Result<SyncServer> SyncServer::start(SyncService&, SyncServerOptions) { return not_built(); }
int SyncServer::port() const { return 0; }
std::string SyncServer::url() const { return {}; }
void SyncServer::stop() {}

}  // namespace weir
