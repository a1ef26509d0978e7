// How a mock device is set up: the service, the organization, the app's user. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::mock {

struct DeviceOptions {
  std::string url = {};  // of the service as the portal has it; may have a path and a query
  std::int64_t company_id = 0;
  std::vector<std::string> ids = {};  // ExternalIds, asked for one after another
  std::string email = {};
  std::string private_token = {};
  std::string ca_file = {};                    // trusted beside nothing else; empty: the system's
  std::chrono::seconds timeout{60};            // for a connection, and for the next bytes
  std::chrono::seconds answer_time{120};       // for a whole answer
  std::size_t most_bytes = 256 * 1024 * 1024;  // of an answer, decompressed; no phone keeps more
};

}  // namespace weir::mock
