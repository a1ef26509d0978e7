// What `weir diff` prints: one JSON object or a list of differences. Pure functions.
#pragma once

#include <weir/read_rows.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::cli {

struct DiffSummary {
  std::string source = {};
  DiffReport report = {};
  std::optional<std::int64_t> calls_left = {};  // empty: not known
};

bool differs(const DiffReport& report);

std::string as_json(const DiffSummary& summary);
std::string as_text(const DiffSummary& summary);

}  // namespace weir::cli
