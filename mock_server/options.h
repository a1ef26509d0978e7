// How the mock server is set up: the organization, its limits, and a choice wherever the real
// platform is not known. Plain values; the defaults are the documented limits
// (docs/mock-server.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::mock {

enum class OverConnections { kRefuse, kQueue };
enum class UnknownDelete { kIgnore, kRefuse };
enum class Cells {
  kScalars,  // numbers, true and false are taken as their text
  kTexts,    // and anything but text is refused
};

struct DataSourceOptions {
  std::string external_id;
  std::vector<std::string> columns;
};

// One of several organizations of a server.
struct Company {
  std::int64_t company_id = 0;
  std::string integration_key = {};
  std::string time_zone = {};
  std::optional<std::int64_t> calls_per_day = {};  // empty: those of the Options
  std::optional<int> max_connections = {};
  std::vector<DataSourceOptions> data_sources = {};
};

struct Options {
  std::int64_t company_id = 0;
  std::string integration_key = {};
  std::string time_zone = "UTC";
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  std::vector<DataSourceOptions> data_sources = {};

  // Several organizations, in place of company_id, integration_key, time_zone and data_sources.
  // Each has a budget, connections, rows, faults and a log of its own.
  std::vector<Company> companies = {};
  std::vector<std::int64_t> company_ids = {};  // of all of them; set by the server

  int over_limit_status = 429;  // 429, 400, 500 or 503
  OverConnections over_connections = OverConnections::kRefuse;
  bool count_failed = true;
  UnknownDelete unknown_delete = UnknownDelete::kIgnore;
  bool idle_counts = false;
  bool files_hold_connection = false;
  Cells cells = Cells::kScalars;
  bool any_content_type = false;     // a PUT without a JSON Content-Type is read all the same
  bool headers_without_rows = true;  // a GET without rows names the columns
  int latency_ms = 0;                // each metered answer takes so much longer, in real time
  // Tasks, users, folders and the like are answered 200 and {}; otherwise 405.
  bool other_paths_canned = false;

  std::string state_file =
      {};  // keeps data sources and the count of calls over a death; empty: none

  int port = 0;  // 0: any free port of 127.0.0.1
};

}  // namespace weir::mock
