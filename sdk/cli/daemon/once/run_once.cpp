#include "daemon/once/run_once.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "daemon/control/daemon_lock.h"
#include "daemon/once/org_run.h"

namespace weir::daemon {
namespace {

// Each of them mostly waits.
constexpr std::size_t kMostOrgsAtOnce = 8;
constexpr std::size_t kSlowTurnsAtOnce = 16;

std::vector<OrgOutcome> run_all(const DaemonConfig& config, const OnceShared& shared,
                                const std::stop_token& stop) {
  std::vector<OrgOutcome> outcomes(config.orgs.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < config.orgs.size(); i = next++)
      outcomes[i] = run_org(config.orgs[i], shared, stop);
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(kMostOrgsAtOnce, config.orgs.size()); ++i)
      others.emplace_back(work);
    work();
  }
  return outcomes;
}

}  // namespace

Result<std::vector<OrgOutcome>> run_once(const DaemonConfig& config, const OnceOptions& options,
                                         const OnceSeams& seams, const std::stop_token& stop) {
  std::optional<DaemonLock> lock;
  if (options.delivering != Delivering::kDry) {
    Result<DaemonLock> taken = DaemonLock::take(config.daemon.state_directory);
    if (!taken) return taken.error();
    lock.emplace(std::move(*taken));
  }
  Result<std::shared_ptr<FolderWatch>> folders = FolderWatch::start();
  if (!folders) return folders.error();
  TaskPool pool(seams.clock, kSlowTurnsAtOnce + static_cast<std::size_t>(config.daemon.handlers));
  return run_all(config,
                 {.daemon = config.daemon,
                  .options = options,
                  .seams = seams,
                  .pool = pool,
                  .folders = std::move(*folders),
                  .slots = std::make_shared<HandlerSlots>(config.daemon.handlers)},
                 stop);
}

}  // namespace weir::daemon
