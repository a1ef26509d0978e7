#include "output/zone_time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace weir::cli {

namespace {

void set_zone(const std::string& zone) {
  ::setenv("TZ", (zone.empty() ? "UTC" : ":" + zone).c_str(), 1);
  ::tzset();
}

}  // namespace

std::string zone_time(TimePoint time, const std::string& zone) {
  set_zone(zone);
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm local = {};
  ::localtime_r(&seconds, &local);
  std::array<char, 64> text = {};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M %Z", &local);
  return text.data();
}

std::optional<TimePoint> day_in_zone(const std::string& day, const std::string& zone,
                                     int days_after) {
  int year = 0;
  unsigned month = 0;
  unsigned number = 0;
  constexpr std::string_view kForm = "0000-00-00";
  for (std::size_t i = 0; i < std::max(day.size(), kForm.size()); ++i) {
    const bool fits = i < day.size() && i < kForm.size() &&
                      (kForm[i] == '-' ? day[i] == '-' : day[i] >= '0' && day[i] <= '9');
    if (!fits) return std::nullopt;
  }
  std::sscanf(day.c_str(), "%4d-%2u-%2u", &year, &month, &number);
  const std::chrono::year_month_day date(std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{number});
  if (!date.ok()) return std::nullopt;
  set_zone(zone);
  std::tm local = {};
  local.tm_year = year - 1900;
  local.tm_mon = static_cast<int>(month) - 1;
  local.tm_mday = static_cast<int>(number) + days_after;
  local.tm_isdst = -1;
  return TimePoint(std::chrono::seconds(std::mktime(&local)));
}

std::string from_now(TimePoint time, TimePoint now) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(time - now).count();
  if (minutes <= 0) return "now";
  const std::string hours = minutes < 60 ? "" : std::to_string(minutes / 60) + " h ";
  return "in " + hours + std::to_string(minutes % 60) + " min";
}

}  // namespace weir::cli
