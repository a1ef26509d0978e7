// Device: the app's side of Platform Sync, on a phone of one user, as far as it is documented. It
// asks for one data source after another, applies what comes, and keeps its rows where an answer
// fails. LastUpdated is text that it keeps and sends back unchanged. Not thread-safe; several
// devices may run in several threads.
//
//   weir::mock::Device device({.url = "http://127.0.0.1:8088/", .company_id = 1, .ids = {"A"},
//                              .email = "ada@example.com", .private_token = "t"});
//   for (const auto& problem : device.sync()) std::cerr << problem.message << '\n';
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device_options.h"
#include "device_request.h"
#include "device_state.h"

namespace weir::mock {

class Device {
 public:
  // Goes on from a state; from nothing without one. The URL must be a good one (problem_of_url).
  explicit Device(const DeviceOptions& options, const DeviceState& state = {});
  ~Device();

  // One sync of the app. Problems in the order of the data sources; none when all went well.
  std::vector<SyncProblem> sync();

  // A copy. Costs as much as the rows.
  DeviceState state() const;
  std::vector<Row> rows(const std::string& id) const;
  // Goes on from a state as if what came since had been lost on the way.
  void restore(const DeviceState& state);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mock
