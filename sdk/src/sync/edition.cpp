#include "sync/edition.h"

#include <chrono>

#include "text/iso_time.h"

namespace weir::sync {
namespace {

constexpr Edition seconds_before(int year) {
  return std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::year{year} / 1 / 1}}
      .time_since_epoch()
      .count();
}
constexpr Edition kFirstOfAny = seconds_before(2000);
constexpr Edition kEndOfAny = seconds_before(2020);

}  // namespace

std::string edition_text(Edition name) {
  std::string text = text::format_time(TimePoint{std::chrono::seconds{name}});
  text.pop_back();  // Z: the platform knows no zones
  return text;
}

Edition any_name(std::uint64_t random) {
  constexpr auto kMinutes = static_cast<std::uint64_t>((kEndOfAny - kFirstOfAny) / 60);
  const auto which = static_cast<Edition>(random % (kMinutes * 59));
  return kFirstOfAny + which / 59 * 60 + which % 59 + 1;
}

bool is_any_name(Edition name) { return name >= kFirstOfAny && name < kEndOfAny; }

std::optional<Edition> read_edition(std::string_view text) {
  const std::optional<TimePoint> time = text::parse_time(text);
  if (!time) return std::nullopt;
  const Edition edition =
      std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
  // Other ways to write the same moment are no token that was given out.
  return edition_text(edition) == text ? std::optional(edition) : std::nullopt;
}

}  // namespace weir::sync
