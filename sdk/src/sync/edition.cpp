#include "sync/edition.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace weir::sync {
namespace {

namespace chrono = std::chrono;

constexpr std::string_view kPattern = "0000-00-00T00:00:00";

bool has_the_form(std::string_view text) {
  if (text.size() != kPattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kPattern[i] == '0' ? !is_digit : text[i] != kPattern[i]) return false;
  }
  return true;
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, number);
  return number;
}

}  // namespace

std::string edition_text(Edition edition) {
  const chrono::sys_seconds time{chrono::seconds{edition}};
  const auto midnight = chrono::floor<chrono::days>(time);
  const chrono::year_month_day day{midnight};
  const chrono::hh_mm_ss clock{time - midnight};
  std::array<char, 32> text = {};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(day.year()),
      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<Edition> read_edition(std::string_view text) {
  if (!has_the_form(text)) return std::nullopt;
  const chrono::year_month_day day{chrono::year{number_at(text, 0, 4)},
                                   chrono::month{static_cast<unsigned>(number_at(text, 5, 2))},
                                   chrono::day{static_cast<unsigned>(number_at(text, 8, 2))}};
  const int hours = number_at(text, 11, 2);
  const int minutes = number_at(text, 14, 2);
  const int seconds = number_at(text, 17, 2);
  if (!day.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  const auto time = chrono::sys_days{day} + chrono::hours{hours} + chrono::minutes{minutes} +
                    chrono::seconds{seconds};
  return time.time_since_epoch().count();
}

}  // namespace weir::sync
