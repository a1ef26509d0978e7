#include "device_arguments.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "device_request.h"

namespace weir::mock {
namespace {

constexpr const char* kHelp =
    R"(weir-mock-device: the app's side of Platform Sync, on this machine

  weir-mock-device --url U --company-id C --ids A,B --email E [--syncs N] [--interval S] [--state FILE]

  --url U          the service, as the portal has it, such as http://127.0.0.1:8088/
  --company-id C   the organization's number
  --ids A,B        ExternalIds of the data sources, asked for one after another
  --email E        the app's user
  --syncs N        how many times the app syncs; default 1, 0 only shows the state
  --interval S     seconds between two syncs; default 0
  --state FILE     keeps the rows between runs
  --ca-file FILE   certificates to trust instead of the system's

The private token comes from the environment variable WEIR_PRIVATE_TOKEN. At the end it prints
{"last_updated":"...","rows":{"A":[["key","cell"]]}}; what fails is told on stderr and the old rows are kept.
Exit codes, of the last sync: 0 all data sources synced; 1 an answer that no app understands; 2 wrong usage; 3 a wrong
setting; 4 refused; 6 no answer, or the service failed; 8 the state file cannot be used.
)";

std::vector<std::string> id_list(const std::string& text) {
  std::vector<std::string> ids;
  std::istringstream list(text);
  for (std::string id; std::getline(list, id, ',');) ids.push_back(id);
  for (const std::string& id : ids) {
    if (id.empty() || std::count(ids.begin(), ids.end(), id) > 1)
      wrong("--ids takes different ExternalIds with commas between them, not '" + text + "'");
  }
  return ids;
}

Setters setters_for(DeviceRun& run) {
  DeviceOptions& device = run.device;
  return {
      {"--url", text_into(device.url)},
      {"--company-id", number_into(device.company_id, 1, 1'000'000'000'000)},
      {"--ids", [&](auto&, auto& value) { device.ids = id_list(value); }},
      {"--email", text_into(device.email)},
      {"--syncs", number_into(run.syncs, 0, 1'000'000'000)},
      {"--interval",
       [&](auto& flag, auto& value) {
         run.interval = std::chrono::milliseconds(
             std::llround(number<double>(flag, value, 0, 1'000'000) * 1000));
       }},
      {"--state", text_into(run.state_file)},
      {"--ca-file", text_into(device.ca_file)},
  };
}

void check(DeviceRun& run) {
  DeviceOptions& device = run.device;
  if (device.url.empty()) wrong("--url is required");
  if (device.company_id == 0) wrong("--company-id is required");
  if (device.ids.empty()) wrong("--ids is required");
  if (device.email.empty()) wrong("--email is required");
  if (const std::string problem = problem_of_url(device.url); !problem.empty()) wrong(problem, 3);
  const char* token = std::getenv("WEIR_PRIVATE_TOKEN");
  if (token == nullptr || *token == '\0')
    wrong("set WEIR_PRIVATE_TOKEN to the organization's private token", 3);
  device.private_token = token;
}

}  // namespace

std::variant<DeviceRun, ArgumentProblem> parse_device_arguments(
    const std::vector<std::string>& arguments) try {
  DeviceRun run;
  read_flags(arguments, kHelp, setters_for(run));
  check(run);
  return run;
} catch (const WrongFlag& found) {
  return problem_of("weir-mock-device", found);
}

}  // namespace weir::mock
