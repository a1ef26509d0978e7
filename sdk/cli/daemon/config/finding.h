// What is wrong with weir.toml, and where. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::daemon {

// Where a table stands, for what is found out of it later.
struct Place {
  std::string file = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Finding {
  // kWarning: may come right by itself, such as a file that is not there yet.
  enum class Level { kFault, kWarning };
  Level level = Level::kFault;
  std::string file = {};
  std::uint32_t line = 0;  // 0: the file as a whole
  std::uint32_t column = 0;
  std::string text = {};  // what is wrong, and what to do

  bool operator==(const Finding&) const = default;
};

Finding fault_at(const Place& place, const std::string& text);
Finding warning_at(const Place& place, const std::string& text);

// "weir.toml:3:1: prot is not a setting; did you mean port?"
std::string shown(const Finding& finding);

// By files and lines, each once.
void put_in_order(std::vector<Finding>& findings);

bool has_fault(const std::vector<Finding>& findings);

}  // namespace weir::daemon
