// weir-mock-device: see device_arguments.cpp for its help text.
#include <iostream>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "device.h"
#include "device_arguments.h"

namespace {

using namespace weir::mock;

constexpr int kUnusableState = 8;

int exit_code_of(const std::vector<SyncProblem>& problems) {
  if (problems.empty()) return 0;
  switch (problems.front().failure) {
    case SyncFailure::kBadAnswer:
      return 1;
    case SyncFailure::kRefused:
      return 4;
    case SyncFailure::kUnreachable:
      return 6;
  }
  return 1;
}

int fail_with_state(const std::string& problem) {
  std::cerr << "weir-mock-device: " << problem << '\n';
  return kUnusableState;
}

int run(const DeviceRun& run) {
  DeviceState state;
  if (!run.state_file.empty()) {
    auto loaded = load_state(run.state_file, run.device.company_id, run.device.email);
    if (const auto* problem = std::get_if<std::string>(&loaded)) return fail_with_state(*problem);
    state = std::get<DeviceState>(std::move(loaded));
  }
  Device device(run.device, state);
  std::vector<SyncProblem> problems;
  for (int sync = 0; sync < run.syncs; ++sync) {
    if (sync > 0) std::this_thread::sleep_for(run.interval);
    problems = device.sync();
    for (const SyncProblem& problem : problems)
      std::cerr << "weir-mock-device: " << problem.message << '\n';
    if (run.state_file.empty()) continue;
    const std::string problem = save_state(run.state_file, device.state());
    if (!problem.empty()) return fail_with_state(problem);
  }
  std::cout << print_state(device.state(), run.device.ids) << std::endl;
  return exit_code_of(problems);
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_device_arguments(std::vector<std::string>(argv + 1, argv + argc));
  if (const auto* problem = std::get_if<ArgumentProblem>(&parsed)) {
    (problem->exit_code == 0 ? std::cout : std::cerr) << problem->message << '\n';
    return problem->exit_code;
  }
  return run(std::get<DeviceRun>(parsed));
}
