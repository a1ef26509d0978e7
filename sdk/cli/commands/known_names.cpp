#include "commands/known_names.h"

#include <algorithm>
#include <set>

#include "daemon/config/read_config.h"
#include "output/printable.h"

namespace weir::cli {
namespace {

constexpr std::size_t kMostNamed = 10;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  const std::size_t shown = std::min(names.size(), kMostNamed);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == shown && shown == names.size();
    text += (i == 0 ? "" : is_last ? " and " : ", ") + printable(names[i]);
  }
  const std::size_t more = names.size() - shown;
  return text + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

}  // namespace

Error unknown_name(const std::string& what, const std::vector<std::string>& known) {
  const std::string all = known.empty()       ? "and no other"
                          : known.size() == 1 ? "there is only " + listed(known)
                                              : "there are " + listed(known);
  return {.code = ErrorCode::kInvalidArgument,
          .message = what + (known.empty() ? ", " : "; ") + all};
}

Result<void> require_known_source(const Client& client, const std::string& source) {
  const Result<std::vector<std::string>> known = client.known_sources();
  if (!known) return known.error();
  if (std::find(known->begin(), known->end(), source) != known->end()) return {};
  return unknown_name("this store knows no data source '" + printable(source) + "'", *known);
}

Result<void> require_known_poll(const Client& client, const SettingFlags& settings,
                                const std::string& poll) {
  std::set<std::string> known;
  const daemon::ReadConfig read =
      daemon::read_daemon_config(settings.config.value_or("weir.toml"), settings.org);
  for (const daemon::OrgConfig& org : read.config.orgs)
    for (const daemon::PollConfig& config : org.polls) known.insert(config.name);
  const Result<std::vector<QueuedEntry>> entries = client.queued_entries({});
  if (!entries) return entries.error();
  for (const QueuedEntry& entry : *entries) known.insert(entry.queue);
  if (known.contains(poll)) return {};
  return unknown_name("there is no poll '" + printable(poll) + "' in weir.toml or in the store",
                      {known.begin(), known.end()});
}

}  // namespace weir::cli
