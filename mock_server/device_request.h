// DeviceRequest: one request of the app to a Platform Sync service, over cpp-httplib. Keeps its
// connection open for the next one. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "device_options.h"

namespace weir::mock {

enum class SyncFailure { kBadAnswer, kRefused, kUnreachable };

// Why a data source could not be synced. Never contains the token.
struct SyncProblem {
  SyncFailure failure = SyncFailure::kUnreachable;
  std::string message = {};
};

// Empty, or why a device cannot use this URL: the token goes over plain http to loopback only.
std::string problem_of_url(const std::string& url);

class DeviceRequest {
 public:
  // The URL must be a good one.
  explicit DeviceRequest(const DeviceOptions& options);
  ~DeviceRequest();

  // The body of a 200, decompressed. `last_updated` is empty when the data source was never got.
  std::variant<std::string, SyncProblem> get(const std::string& id,
                                             const std::string& last_updated);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mock
