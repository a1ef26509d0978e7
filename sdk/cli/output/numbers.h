// Numbers as people read them. Pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace weir::cli {

// 2,499
std::string grouped(std::int64_t number);

// "no rows", "1 row", "2,499 rows"
std::string counted(std::int64_t number, const std::string& thing);

// The same of a thing whose plural has more than an s: "2 entries".
std::string counted(std::int64_t number, const std::string& thing, const std::string& things);

// Stale row-seconds, as of a price: "2,310", "0.2"; of what is infinite, when nothing may be spent,
// "more than any".
std::string row_seconds(double number);

}  // namespace weir::cli
