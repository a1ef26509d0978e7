// DeviceState: what a device keeps: of each data source the rows, and LastUpdated as the text that
// came; and its file, which survives a kill at any moment. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "keyed_rows.h"

namespace weir::mock {

struct SourceState {
  std::string last_updated = {};  // empty: never got
  std::vector<Row> rows = {};

  bool operator==(const SourceState&) const = default;
};

struct DeviceState {
  std::int64_t company_id = 0;
  std::string email = {};
  std::string last_updated = {};  // of the last answer that was applied
  std::map<std::string, SourceState> sources = {};

  bool operator==(const DeviceState&) const = default;
};

// The state in the file, or a fresh one when there is no file; or what is wrong with it. A state of
// another company or user is refused: its rows are not this user's.
std::variant<DeviceState, std::string> load_state(const std::string& path, std::int64_t company_id,
                                                  const std::string& email);

// Replaces the file whole. Empty when it is safe on disk; else what went wrong.
std::string save_state(const std::string& path, const DeviceState& state);

// {"last_updated":…,"rows":{"A":[[…]]}} of these data sources; null when there was no answer yet.
std::string print_state(const DeviceState& state, const std::vector<std::string>& ids);

}  // namespace weir::mock
