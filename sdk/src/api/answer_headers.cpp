#include "api/answer_headers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>

namespace weir::api {
namespace {

constexpr std::chrono::seconds kLongest = std::chrono::hours{24};

std::optional<std::string> header(const HttpResponse& response, std::string_view name) {
  for (const auto& [found, value] : response.headers) {
    if (found == name) return value;
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> clamped(std::chrono::seconds wait) {
  return std::clamp(wait, std::chrono::seconds{0}, kLongest);
}

std::optional<std::chrono::seconds> as_seconds(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) return std::nullopt;
  if (error == std::errc::result_out_of_range) return kLongest;
  return clamped(std::chrono::seconds{number});
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that servers may send today.
std::optional<std::chrono::sys_seconds> as_date(const std::string& text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  std::array<char, 4> month = {};
  const int fields = std::sscanf(text.c_str(), "%*3c, %2d %3s %4d %2d:%2d:%2d GMT", &day,
                                 month.data(), &year, &hour, &minute, &second);
  const auto found = std::find(kMonths.begin(), kMonths.end(), std::string_view(month.data()));
  if (fields != 6 || found == kMonths.end()) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(year),
      std::chrono::month(static_cast<unsigned>(found - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

std::optional<std::chrono::sys_seconds> served_at(const HttpResponse& response) {
  return as_date(header(response, "date").value_or(""));
}

std::optional<std::chrono::sys_seconds> last_modified(const HttpResponse& response) {
  return as_date(header(response, "last-modified").value_or(""));
}

std::optional<std::chrono::seconds> retry_after(const HttpResponse& response,
                                                std::optional<std::chrono::sys_seconds> now) {
  const auto asked = header(response, "retry-after");
  if (!asked) return std::nullopt;
  if (const auto wait = as_seconds(*asked)) return wait;
  const auto until = as_date(*asked);
  const auto served = served_at(response);
  if (served) now = served;
  if (!until || !now) return std::nullopt;
  return clamped(*until - *now);
}

}  // namespace weir::api
