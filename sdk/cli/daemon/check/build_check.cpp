#include "daemon/check/build_check.h"

#include <algorithm>
#include <utility>

#include "daemon/loop/organization.h"
#include "daemon/notify/messenger.h"
#include "daemon/once/scratch_folder.h"

namespace weir::daemon {
namespace {

bool is_served_unsound(const SourceConfig& source) {
  return source.deliver != Deliver::kPush && !source.is_sound;
}

// Without what is known to be wrong, which would only be told again in other words.
OrgConfig sound_parts(OrgConfig org) {
  const bool has_unsound = std::any_of(org.sources.begin(), org.sources.end(), is_served_unsound);
  if (org.sync && (!org.sync->is_sound || has_unsound)) org.sync.reset();
  std::erase_if(org.sources, [](const SourceConfig& source) { return !source.is_sound; });
  std::erase_if(org.polls, [](const PollConfig& poll) { return !poll.is_sound; });
  return org;
}

// For an organization of which something is missing.
ClientOptions stand_in(const std::string& zone) {
  return {.url = "http://127.0.0.1:1",
          .company_id = 1,
          .integration_key = Secret::from_string("stands in", "the check"),
          .time_zone = zone};
}

// With a client that can be opened, whatever its own settings are.
void give_client(OrgConfig& org, const std::string& store, bool has_faults) {
  org.client.store = store;
  if (!has_faults || Client::check(org.client)) return;
  org.client = stand_in(org.client.time_zone);
  org.client.store = store;
  if (Client::check(org.client)) return;
  org.client.time_zone = "UTC";
}

}  // namespace

std::vector<Finding> check_build(const DaemonConfig& config, const std::vector<Finding>& known) {
  std::vector<Finding> findings;
  const auto cannot = [&](const Place& place, const Error& error) {
    findings.push_back(fault_at(place, "cannot be checked: " + error.message));
    return findings;
  };
  const Place whole{.file = config.file};
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return cannot(whole, scratch.error());
  Result<std::shared_ptr<FolderWatch>> folders = FolderWatch::start();
  if (!folders) return cannot(whole, folders.error());
  const std::shared_ptr<Clock> clock = system_clock();
  DaemonLog log(LogForm::kText, LogLevel::kError, clock, [](std::string_view) {});
  TaskPool pool(clock, 1);
  const Services services{.clock = clock,
                          .log = log,
                          .pool = pool,
                          .stores_pool = pool,
                          .daemon = config.daemon,
                          .folders = std::move(*folders),
                          .stores = std::make_shared<StoreWatchTask>(clock),
                          .polls = {.slots = std::make_shared<HandlerSlots>(1), .receiver = {}}};
  for (std::size_t i = 0; i < config.orgs.size(); ++i) {
    OrgConfig org = sound_parts(config.orgs[i]);
    give_client(org, scratch->path() + "/" + std::to_string(i), has_fault(known));
    const Result<std::unique_ptr<Organization>> opened = Organization::open(org, services);
    if (!opened) {
      findings.push_back(fault_at(org.place, "cannot be built: " + opened.error().message));
      continue;
    }
    (*opened)->plan(org, findings);
  }
  if (!config.notify.is_sound) return findings;
  if (const auto messenger = make_messenger(config.notify, clock); !messenger)
    findings.push_back(
        fault_at(config.notify.place, "[notify] cannot be built: " + messenger.error().message));
  return findings;
}

}  // namespace weir::daemon
