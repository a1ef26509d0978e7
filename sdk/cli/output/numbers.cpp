#include "output/numbers.h"

#include <cmath>
#include <cstdio>

namespace weir::cli {

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string counted(std::int64_t number, const std::string& thing) {
  return counted(number, thing, thing + "s");
}

std::string counted(std::int64_t number, const std::string& thing, const std::string& things) {
  if (number == 1) return "1 " + thing;
  return (number == 0 ? "no" : grouped(number)) + " " + things;
}

std::string row_seconds(double number) {
  constexpr double kMostShown = 1e15;
  if (!(number < kMostShown)) return "more than any";
  if (number == 0 || number >= 10) return grouped(std::llround(number));
  char text[16];
  std::snprintf(text, sizeof text, number < 0.1 ? "%.2f" : "%.1f", number);
  return text;
}

}  // namespace weir::cli
