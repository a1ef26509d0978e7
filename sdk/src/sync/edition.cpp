#include "sync/edition.h"

#include <chrono>

#include "text/iso_time.h"

namespace weir::sync {

std::string edition_text(Edition edition) {
  std::string text = text::format_time(TimePoint{std::chrono::seconds{edition}});
  text.pop_back();  // Z: the platform knows no zones
  return text;
}

std::optional<Edition> read_edition(std::string_view text) {
  const std::optional<TimePoint> time = text::parse_time(text);
  if (!time) return std::nullopt;
  const Edition edition =
      std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
  // Other ways to write the same moment are no token that was given out.
  return edition_text(edition) == text ? std::optional(edition) : std::nullopt;
}

}  // namespace weir::sync
