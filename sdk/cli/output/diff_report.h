// What `weir diff` prints: one JSON object or a list of differences. Pure functions.
#pragma once

#include <weir/read_rows.h>

#include <cstdint>
#include <string>

namespace weir::cli {

struct DiffSummary {
  std::string source = {};
  DiffReport report = {};
  std::int64_t calls_left = 0;
};

bool differs(const DiffReport& report);

std::string as_json(const DiffSummary& summary);
std::string as_text(const DiffSummary& summary);

}  // namespace weir::cli
