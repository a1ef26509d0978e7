#include "arguments.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace weir::mock {
namespace {

constexpr const char* kHelp =
    R"(weir-mock-server: the forms platform with its real limits, on this machine

  weir-mock-server --port P --company-id C --integration-key-file F --time-zone Z --data-source ID:Col1,Col2,...

  --port P                      port of 127.0.0.1; 0 picks a free one
  --company-id C                the organization's number
  --integration-key-file F      file with the API key, mode 0600 (or environment variable WEIR_INTEGRATION_KEY)
  --time-zone Z                 the organization's IANA zone, such as America/Los_Angeles
  --data-source ID:Col1,Col2    a data source by its ExternalId, with its columns; repeatable
  --calls-per-day N             default 2500
  --max-connections N           default 3
  --over-limit 429|400|500|503  answer to a call over the day's limit; default 429
  --over-connections refuse|queue
  --count-failed yes|no         whether failed calls count; default yes
  --unknown-delete ignore|refuse
  --files-hold-connection yes|no  whether file downloads count as connections; default no
  --other-paths refuse|canned   tasks, users, folders and the like: 405, or 200 and {}; default refuse
  --state FILE                  keeps data sources and the count of calls for the next start
  --idle-counts yes|no          whether idle keep-alive connections count; default no
  --cells any|strict            strict refuses numbers, true and false as cells; default any: their text is taken
  --content-type json|any       any reads a PUT without a JSON Content-Type; default json: it is refused as XML
  --headers-without-rows yes|no whether a GET without rows names the columns; default yes
  --latency-ms N                each metered answer takes so much longer; a write holds its data source; default 0

It prints "listening on http://127.0.0.1:PORT" and runs until it is interrupted. The portal page is at /, the call log
at /logs, the rows at /data-sources; control endpoints are below /_mock/ (docs/mock-server.md).
)";

template <class T>
T choice(const std::string& flag, const std::string& text,
         const std::map<std::string, T>& choices) {
  const auto found = choices.find(text);
  if (found != choices.end()) return found->second;
  std::string list;
  for (const auto& [name, value] : choices) list += (list.empty() ? "" : ", ") + name;
  wrong(flag + " takes one of " + list + ", not '" + text + "'");
}

DataSourceOptions data_source(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    wrong("--data-source takes ID:Col1,Col2,..., not '" + text + "'");
  DataSourceOptions source{.external_id = text.substr(0, colon), .columns = {}};
  std::istringstream columns(text.substr(colon + 1));
  for (std::string column; std::getline(columns, column, ',');) source.columns.push_back(column);
  if (source.columns.size() < 2)
    wrong("data source " + source.external_id + " needs at least two columns");
  return source;
}

std::string key_from(const std::string& path) {
  struct stat found = {};
  std::ifstream file(path);
  if (!file || ::stat(path.c_str(), &found) != 0) wrong("cannot read the key file " + path, 3);
  if ((found.st_mode & 077) != 0)
    wrong("other users may read the key file " + path + "; run: chmod 600 " + path, 3);
  std::string key;
  std::getline(file, key);
  if (!key.empty() && key.back() == '\r') key.pop_back();
  if (key.empty()) wrong("the key file " + path + " has no key in its first line", 3);
  return key;
}

Setters setters_for(Options& options) {
  const std::map<std::string, bool> yes_no = {{"yes", true}, {"no", false}};
  return {
      {"--port",
       [&](auto& flag, auto& value) { options.port = number<int>(flag, value, 0, 65535); }},
      {"--company-id",
       [&](auto& flag, auto& value) {
         options.company_id = number<std::int64_t>(flag, value, 1, 1'000'000'000'000);
       }},
      {"--integration-key-file",
       [&](auto&, auto& value) { options.integration_key = key_from(value); }},
      {"--time-zone", [&](auto&, auto& value) { options.time_zone = value; }},
      {"--calls-per-day",
       [&](auto& flag, auto& value) {
         options.calls_per_day = number<std::int64_t>(flag, value, 0, 1'000'000'000);
       }},
      {"--max-connections",
       [&](auto& flag, auto& value) { options.max_connections = number<int>(flag, value, 1, 50); }},
      {"--over-limit",
       [&](auto& flag, auto& value) {
         options.over_limit_status =
             choice<int>(flag, value, {{"429", 429}, {"400", 400}, {"500", 500}, {"503", 503}});
       }},
      {"--over-connections",
       [&](auto& flag, auto& value) {
         options.over_connections = choice<OverConnections>(
             flag, value,
             {{"refuse", OverConnections::kRefuse}, {"queue", OverConnections::kQueue}});
       }},
      {"--count-failed",
       [&, yes_no](auto& flag, auto& value) {
         options.count_failed = choice(flag, value, yes_no);
       }},
      {"--unknown-delete",
       [&](auto& flag, auto& value) {
         options.unknown_delete = choice<UnknownDelete>(
             flag, value, {{"ignore", UnknownDelete::kIgnore}, {"refuse", UnknownDelete::kRefuse}});
       }},
      {"--files-hold-connection",
       [&, yes_no](auto& flag, auto& value) {
         options.files_hold_connection = choice(flag, value, yes_no);
       }},
      {"--other-paths",
       [&](auto& flag, auto& value) {
         options.other_paths_canned =
             choice<bool>(flag, value, {{"refuse", false}, {"canned", true}});
       }},
      {"--idle-counts",
       [&, yes_no](auto& flag, auto& value) { options.idle_counts = choice(flag, value, yes_no); }},
      {"--cells",
       [&](auto& flag, auto& value) {
         options.cells =
             choice<Cells>(flag, value, {{"any", Cells::kScalars}, {"strict", Cells::kTexts}});
       }},
      {"--content-type",
       [&](auto& flag, auto& value) {
         options.any_content_type = choice<bool>(flag, value, {{"json", false}, {"any", true}});
       }},
      {"--headers-without-rows",
       [&, yes_no](auto& flag, auto& value) {
         options.headers_without_rows = choice(flag, value, yes_no);
       }},
      {"--latency-ms",
       [&](auto& flag, auto& value) { options.latency_ms = number<int>(flag, value, 0, 60'000); }},
      {"--state", [&](auto&, auto& value) { options.state_file = value; }},
      {"--data-source",
       [&](auto&, auto& value) { options.data_sources.push_back(data_source(value)); }},
  };
}

}  // namespace

std::variant<Options, ArgumentProblem> parse_arguments(
    const std::vector<std::string>& arguments) try {
  Options options;
  options.time_zone.clear();
  read_flags(arguments, kHelp, setters_for(options));
  if (options.company_id == 0) wrong("--company-id is required");
  if (options.time_zone.empty()) wrong("--time-zone is required");
  if (options.integration_key.empty()) {
    const char* key = std::getenv("WEIR_INTEGRATION_KEY");
    if (key == nullptr || *key == '\0')
      wrong("give --integration-key-file, or set WEIR_INTEGRATION_KEY", 3);
    options.integration_key = key;
  }
  return options;
} catch (const WrongFlag& found) {
  return problem_of("weir-mock-server", found);
}

}  // namespace weir::mock
