#include "text/iso_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace weir::text {
namespace {

// Takes `digits` digits off the front; -1 when they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  int value = -1;
  if (text.size() < digits) return -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  const bool whole = error == std::errc() && end == text.data() + digits && value >= 0;
  text.remove_prefix(digits);
  return whole ? value : -1;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

Milliseconds take_fraction(std::string_view& text) {
  Milliseconds sum{0};
  if (!take(text, ".")) return sum;
  int place = 100;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    sum += Milliseconds{(text.front() - '0') * place};
    place /= 10;
  }
  return sum;
}

// "Z", "+02:00", "-0800" or nothing, which is UTC.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (text.empty() || take(text, "Zz")) return std::chrono::minutes{0};
  const bool is_west = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const int hours = take_number(text, 2);
  take(text, ":");
  const int minutes = take_number(text, 2);
  if (hours < 0 || minutes < 0) return std::nullopt;
  const std::chrono::minutes offset{hours * 60 + minutes};
  return is_west ? -offset : offset;
}

}  // namespace

std::optional<TimePoint> parse_time(std::string_view text) {
  std::array<int, 6> parts = {};
  constexpr std::array<std::string_view, 6> kBefore = {"", "-", "-", "Tt ", ":", ":"};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && !take(text, kBefore.at(i))) return std::nullopt;
    parts.at(i) = take_number(text, i == 0 ? 4 : 2);
    if (parts.at(i) < 0) return std::nullopt;
  }
  const Milliseconds fraction = take_fraction(text);
  const auto offset = take_offset(text);
  const std::chrono::year_month_day date(std::chrono::year{parts[0]},
                                         std::chrono::month{static_cast<unsigned>(parts[1])},
                                         std::chrono::day{static_cast<unsigned>(parts[2])});
  if (!offset || !text.empty() || !date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours{parts[3]} +
         std::chrono::minutes{parts[4]} + std::chrono::seconds{parts[5]} + fraction - *offset;
}

std::string format_time(TimePoint time) {
  // A year has four digits. TimePoint::max() is what many write for "without an end".
  constexpr TimePoint kFirst = std::chrono::sys_days(std::chrono::year{1} / 1 / 1);
  constexpr TimePoint kLast =
      std::chrono::sys_days(std::chrono::year{10000} / 1 / 1) - std::chrono::milliseconds{1};
  time = std::clamp(time, kFirst, kLast);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace weir::text
