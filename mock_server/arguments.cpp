#include "arguments.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include "companies_file.h"

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
  --companies FILE              several organizations: an object a line, {"company_id","integration_key","time_zone",
                                "calls_per_day","max_connections","data_sources":["ID:Col1,Col2"]}, mode 0600; in place
                                of the four above
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
using Choices = std::map<std::string, T>;

template <class T>
T choice(const std::string& flag, const std::string& text, const Choices<T>& choices) {
  const auto found = choices.find(text);
  if (found != choices.end()) return found->second;
  std::string list;
  for (const auto& [name, value] : choices) list += (list.empty() ? "" : ", ") + name;
  wrong(flag + " takes one of " + list + ", not '" + text + "'");
}

template <class T>
Setter choice_into(T& target, const std::type_identity_t<Choices<T>>& choices) {
  return [&target, choices](const std::string& flag, const std::string& value) {
    target = choice(flag, value, choices);
  };
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
  const Choices<bool> yes_no = {{"yes", true}, {"no", false}};
  return {
      {"--port", number_into(options.port, 0, 65535)},
      {"--company-id", number_into(options.company_id, 1, 1'000'000'000'000)},
      {"--integration-key-file",
       [&](auto&, auto& value) { options.integration_key = key_from(value); }},
      {"--time-zone", text_into(options.time_zone)},
      {"--calls-per-day", number_into(options.calls_per_day, 0, 1'000'000'000)},
      {"--max-connections", number_into(options.max_connections, 1, 50)},
      {"--over-limit", choice_into(options.over_limit_status,
                                   {{"429", 429}, {"400", 400}, {"500", 500}, {"503", 503}})},
      {"--over-connections",
       choice_into(options.over_connections,
                   {{"refuse", OverConnections::kRefuse}, {"queue", OverConnections::kQueue}})},
      {"--count-failed", choice_into(options.count_failed, yes_no)},
      {"--unknown-delete",
       choice_into(options.unknown_delete,
                   {{"ignore", UnknownDelete::kIgnore}, {"refuse", UnknownDelete::kRefuse}})},
      {"--files-hold-connection", choice_into(options.files_hold_connection, yes_no)},
      {"--other-paths",
       choice_into(options.other_paths_canned, {{"refuse", false}, {"canned", true}})},
      {"--idle-counts", choice_into(options.idle_counts, yes_no)},
      {"--cells",
       choice_into(options.cells, {{"any", Cells::kScalars}, {"strict", Cells::kTexts}})},
      {"--content-type", choice_into(options.any_content_type, {{"json", false}, {"any", true}})},
      {"--headers-without-rows", choice_into(options.headers_without_rows, yes_no)},
      {"--latency-ms", number_into(options.latency_ms, 0, 60'000)},
      {"--state", text_into(options.state_file)},
      {"--data-source",
       [&](auto& flag, auto& value) {
         options.data_sources.push_back(read_data_source(flag, value));
       }},
      {"--companies", [&](auto&, auto& value) { options.companies = read_companies(value); }},
  };
}

// What the file says of each must not be said of one.
Options without_one_company(Options options) {
  const bool says_one = options.company_id != 0 || !options.time_zone.empty() ||
                        !options.integration_key.empty() || !options.data_sources.empty();
  if (says_one)
    wrong(
        "--companies goes without --company-id, --integration-key-file, --time-zone and "
        "--data-source: the file has them");
  return options;
}

}  // namespace

std::variant<Options, ArgumentProblem> parse_arguments(
    const std::vector<std::string>& arguments) try {
  Options options;
  options.time_zone.clear();
  read_flags(arguments, kHelp, setters_for(options));
  if (!options.companies.empty()) return without_one_company(std::move(options));
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
