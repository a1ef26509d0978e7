// A process that reads one data source as the daemon does, until nothing is due: what the tests of
// kills and of memory start.
//
// usage: source_runner STORE FOLDER directory
//        source_runner STORE FOLDER csv PATH push|sync
//        source_runner STORE FOLDER query ADDRESS SQL push|sync
#include <cstdio>
#include <string_view>

#include "daemon/sources/make_source.h"

namespace {

using namespace weir;

constexpr std::int64_t kManyRows = 2'000'000;

daemon::Origin origin_of(const std::vector<std::string>& arguments) {
  if (arguments.at(2) == "csv") return daemon::FileOrigin{.path = arguments.at(3)};
  if (arguments.at(2) == "query")
    return daemon::QueryOrigin{.database = {.address = arguments.at(3)}, .query = arguments.at(4)};
  return daemon::DirectoryOrigin{.path = arguments.at(1) + "/drop",
                                 .move_to = arguments.at(1) + "/done",
                                 .failed = arguments.at(1) + "/failed",
                                 .settle = Milliseconds{0}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) return 2;
  Result<Client> client = Client::open({.time_zone = "UTC",
                                        .store = arguments.at(0),
                                        .limits = {.rows_per_data_source = kManyRows},
                                        .makes_calls = false,
                                        .send_in_background = false});
  const Result<std::shared_ptr<daemon::FolderWatch>> watch = daemon::FolderWatch::start();
  if (!client || !watch) return 1;
  const daemon::OrgConfig org;
  const daemon::DaemonSettings settings{.state_directory = arguments.at(1)};
  const daemon::OrgParts parts{.config = org,
                               .daemon = settings,
                               .client = *client,
                               .clock = system_clock(),
                               .log = {},
                               .rows_kept = {},
                               .looks_wanted = {}};
  const bool is_served = arguments.back() == "sync";
  const Result<daemon::MadeSource> made =
      daemon::make_source(parts,
                          {.id = "S",
                           .origin = origin_of(arguments),
                           .columns = {{"id", "id"}, {"text", "text"}},
                           .guards = {.first = FirstPublish::kReplace},
                           .deliver = is_served ? daemon::Deliver::kSync : daemon::Deliver::kPush},
                          *watch, {});
  if (!made) return 1;
  for (std::optional<TimePoint> next = made->task->run({}); next && *next <= system_clock()->now();
       next = made->task->run({})) {
  }
  const daemon::TaskStatus status = made->task->status();
  if (status.state != daemon::TaskState::kWell) std::fprintf(stderr, "%s\n", status.error.c_str());
  // A folder may be empty.
  const bool is_read = status.last_success_at || arguments.at(2) == "directory";
  if (!is_read) std::fprintf(stderr, "nothing was read\n");
  return status.state == daemon::TaskState::kWell && is_read ? 0 : 1;
}
