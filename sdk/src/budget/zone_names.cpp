#include "budget/zone_names.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <utility>
#include <vector>

namespace weir::budget {
namespace {

// What a machine calls its own time; it is another zone on each.
constexpr std::string_view kOfTheMachine = "localtime";

constexpr std::size_t kMostSuggestions = 3;

// The usual ones, which are no names of zones, or of zones without daylight saving.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kAbbreviations = {
    {{"pst", "America/Los_Angeles"},
     {"pdt", "America/Los_Angeles"},
     {"mdt", "America/Denver"},
     {"cst", "America/Chicago"},
     {"cdt", "America/Chicago"},
     {"edt", "America/New_York"},
     {"bst", "Europe/London"},
     {"cest", "Europe/Berlin"},
     {"ist", "Asia/Kolkata"},
     {"aest", "Australia/Sydney"}}};

char folded(char c) {
  if (c == ' ' || c == '-') return '_';
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::string folded(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return folded(c); });
  return result;
}

// Levenshtein distance: how many letters must be typed differently.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// People often type only the city, so the last part of a zone's name is compared as well.
std::size_t unlikeness(std::string_view typed, const std::string& zone) {
  const std::string whole = folded(zone);
  const std::string_view city = std::string_view(whole).substr(whole.rfind('/') + 1);
  return std::min(distance(typed, whole), distance(typed, city));
}

// "GMT+1", "utc-5", "UTC 2": the zones of such names count the other way round, and none has the
// midnights of a place with daylight saving.
bool is_offset(std::string_view name) {
  std::string typed = folded(name);
  if (typed.starts_with("etc/")) typed.erase(0, 4);
  const bool is_named = typed.starts_with("gmt") || typed.starts_with("utc");
  const std::string_view rest = std::string_view(typed).substr(is_named ? 3 : 0);
  const bool has_sign = rest.starts_with('+') || rest.starts_with('_');
  return rest.find_first_of("0123456789") != std::string_view::npos &&
         rest.find_first_not_of("+_:./0123456789") == std::string_view::npos &&
         (is_named || has_sign);
}

// Etc/GMT+1 is UTC-1: whoever takes it for the other has another midnight.
bool is_distance(const std::string& zone) {
  return zone.find_first_of("0123456789") != std::string::npos &&
         zone.find("GMT") != std::string::npos;
}

std::vector<std::string> similar(std::string_view name) {
  const std::string typed = folded(name);
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    if (is_distance(zone.name()) || zone.name() == kOfTheMachine) continue;
    const std::size_t unlike = unlikeness(typed, zone.name());
    if (unlike <= typed.size() / 3) found.emplace_back(unlike, zone.name());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (const auto& [unlike, zone] : found) {
    if (names.size() < kMostSuggestions && unlike == found.front().first) names.push_back(zone);
  }
  return names;
}

// From Debian 13 on they are in a package of their own.
std::string of_old_names() {
  if (is_zone_name("US/Pacific")) return "";
  return " This machine knows no old names, such as US/Pacific: give the one of today, or install "
         "tzdata-legacy.";
}

}  // namespace

bool is_zone_name(std::string_view name) {
  const auto& zones = date::get_tzdb().zones;
  if (name == kOfTheMachine) return false;
  // The system's database keeps old names as zones of their own, so they are in this list as well.
  return std::any_of(zones.begin(), zones.end(),
                     [&](const auto& zone) { return zone.name() == name; });
}

std::string did_you_mean(std::string_view name) {
  for (const auto& [abbreviation, zone] : kAbbreviations) {
    if (folded(name) == abbreviation)
      return ": did you mean " + std::string(zone) + "? An abbreviation is no zone.";
  }
  if (is_offset(name))
    return ", such as America/Los_Angeles. A distance from UTC is no zone of an organization.";
  const std::vector<std::string> names = similar(name);
  if (names.empty()) return ", such as America/Los_Angeles." + of_old_names();
  std::string text = ": did you mean " + names.front();
  for (std::size_t i = 1; i < names.size(); ++i) text += " or " + names[i];
  return text + "?" + of_old_names();
}

}  // namespace weir::budget
