#include "org_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace weir::mock {
namespace {

constexpr std::size_t kMostSuggestions = 3;

// Letters in order and nothing else, so that case, spaces and underscores do not matter.
std::string letters(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      result.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
  return result;
}

std::size_t common_prefix(const std::string& a, const std::string& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

std::optional<OrgZone> OrgZone::open(const std::string& name) {
  const auto& zones = date::get_tzdb().zones;
  const bool listed = std::any_of(zones.begin(), zones.end(),
                                  [&](const auto& zone) { return zone.name() == name; });
  if (!listed) return std::nullopt;
  return OrgZone(date::locate_zone(name));
}

std::string OrgZone::day_of(Instant instant) const {
  return date::format("%F", zone_->to_local(instant));
}

std::string OrgZone::local_time(Instant instant) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  return date::format("%d %b %Y %T ", zone_->to_local(seconds)) + zone_->get_info(seconds).abbrev;
}

std::string similar_zones(const std::string& name) {
  const std::string typed = letters(name.substr(name.rfind('/') + 1));
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    const std::string city = letters(zone.name().substr(zone.name().rfind('/') + 1));
    const std::size_t common = common_prefix(typed, city);
    if (common >= 4) found.emplace_back(common, zone.name());
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string names;
  for (std::size_t i = 0; i < found.size() && i < kMostSuggestions; ++i) {
    names += (i == 0 ? "" : ", ") + found[i].second;
  }
  return names;
}

}  // namespace weir::mock
