#include "daemon/sources/row_version.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace weir::daemon {
namespace {

constexpr std::int64_t kBillion = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads so many digits; false when there are fewer.
bool take_digits(std::string_view& text, int digits, std::int64_t& value) {
  value = 0;
  for (; digits > 0; --digits) {
    if (text.empty() || !is_digit(text.front())) return false;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_day(std::string_view& text, std::int64_t& days) {
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) ||
      !take(text, '-') || !take_digits(text, 2, day))
    return false;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  days = std::chrono::sys_days(date).time_since_epoch().count();
  return true;
}

bool take_time(std::string_view& text, std::int64_t& seconds, std::int64_t& nanoseconds,
               int& digits) {
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t rest = 0;
  if (!take_digits(text, 2, hours) || !take(text, ':') || !take_digits(text, 2, minutes))
    return false;
  if (take(text, ':') && !take_digits(text, 2, rest)) return false;
  if (hours > 24 || minutes > 59 || rest > 60) return false;
  seconds = hours * 3600 + minutes * 60 + rest;
  if (!take(text, '.')) return true;
  std::int64_t unit = kBillion / 10;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), unit /= 10) {
    nanoseconds += unit * (text.front() - '0');
    digits += digits < 9 ? 1 : 0;
  }
  return digits > 0;
}

// "Z", "+01", "-03:30", "+0530", "+01:00:00"; nothing is a zone too.
bool read_zone(std::string_view text, std::int64_t& offset) {
  if (text.empty() || text == "Z" || text == "z") return true;
  const bool is_west = text.front() == '-';
  if (!is_west && text.front() != '+') return false;
  text.remove_prefix(1);
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  if (!take_digits(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take_digits(text, 2, minutes)) return false;
  if (take(text, ':') && !take_digits(text, 2, seconds)) return false;
  offset = (hours * 3600 + minutes * 60 + seconds) * (is_west ? -1 : 1);
  return text.empty();
}

// How many of its units are a second.
std::int64_t units_a_second(long double number) {
  const long double size = std::fabs(number);
  if (size >= 1e17L) return kBillion;
  if (size >= 1e14L) return 1'000'000;
  if (size >= 1e11L) return 1'000;
  return 1;
}

}  // namespace

std::optional<RowVersion> RowVersion::parse(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  RowVersion version;
  version.text_ = text;
  if (version.read_moment(text) || version.read_number(text)) return version;
  return std::nullopt;
}

bool RowVersion::read_moment(std::string_view text) {
  std::int64_t days = 0;
  std::int64_t seconds = 0;
  if (!take_day(text, days)) return false;
  if (!text.empty() && (text.front() == ' ' || text.front() == 'T' || text.front() == 't')) {
    separator_ = text.front();
    text.remove_prefix(1);
    if (!take_time(text, seconds, nanoseconds_, fraction_digits_)) return false;
    // SQL Server has a blank before the zone.
    zone_ = text;
    take(text, ' ');
    if (!read_zone(text, offset_seconds_)) return false;
  } else if (!text.empty()) {
    return false;
  }
  local_seconds_ = days * 86400 + seconds;
  is_moment_ = true;
  return true;
}

bool RowVersion::read_number(std::string_view text) {
  std::size_t digits = 0;
  std::size_t points = 0;
  for (std::size_t i = text.starts_with('-') || text.starts_with('+') ? 1 : 0; i < text.size();
       ++i) {
    if (text[i] == '.') {
      ++points;
    } else if (is_digit(text[i])) {
      ++digits;
    } else {
      return false;
    }
  }
  if (digits == 0 || points > 1) return false;
  number_ = std::strtold(std::string(text).c_str(), nullptr);
  is_whole_ = points == 0;
  return true;
}

bool RowVersion::is_later_than(const RowVersion& other) const {
  if (is_moment_ != other.is_moment_) return false;
  if (!is_moment_) return number_ > other.number_;
  const std::int64_t here = local_seconds_ - offset_seconds_;
  const std::int64_t there = other.local_seconds_ - other.offset_seconds_;
  return here != there ? here > there : nanoseconds_ > other.nanoseconds_;
}

std::string RowVersion::minus(Milliseconds time) const {
  std::array<char, 64> text = {};
  if (!is_moment_) {
    const auto units = static_cast<long double>(units_a_second(number_));
    const long double earlier = number_ - units * static_cast<long double>(time.count()) / 1000;
    std::snprintf(text.data(), text.size(), is_whole_ ? "%.0Lf" : "%.9Lf",
                  std::floor(is_whole_ ? earlier : earlier * 1e9L) / (is_whole_ ? 1 : 1e9L));
    return text.data();
  }
  std::int64_t nanoseconds = nanoseconds_ - (time.count() % 1000) * 1'000'000;
  std::int64_t seconds = local_seconds_ - time.count() / 1000;
  if (nanoseconds < 0) {
    nanoseconds += kBillion;
    --seconds;
  }
  const std::chrono::sys_seconds instant{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::int64_t of_day = (instant - day).count();
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u%c%02d:%02d:%02d", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), separator_,
                static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60),
                static_cast<int>(of_day % 60));
  std::string result = text.data();
  const int digits = fraction_digits_ > 0 ? fraction_digits_ : (nanoseconds > 0 ? 3 : 0);
  if (digits > 0) {
    std::snprintf(text.data(), text.size(), "%09lld", static_cast<long long>(nanoseconds));
    result += '.' + std::string(text.data(), static_cast<std::size_t>(digits));
  }
  return result + zone_;
}

bool RowVersion::is_after(TimePoint time) const {
  constexpr long double kTenYears = 10.0L * 366 * 86400;
  const long double limit = static_cast<long double>(time.time_since_epoch().count()) / 1000;
  if (is_moment_)
    return static_cast<long double>(local_seconds_ - offset_seconds_) +
               static_cast<long double>(nanoseconds_) / kBillion >
           limit;
  const long double seconds = number_ / static_cast<long double>(units_a_second(number_));
  return seconds > limit && seconds < limit + kTenYears;
}

bool RowVersion::is_certainly_after(TimePoint time) const {
  // No zone is further to the east.
  constexpr std::chrono::hours kFurthestZone{14};
  const bool has_zone = !is_moment_ || !zone_.empty();
  return is_after(time + std::chrono::minutes{1} +
                  (has_zone ? std::chrono::hours{0} : kFurthestZone));
}

}  // namespace weir::daemon
