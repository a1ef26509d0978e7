#include "daemon/entries/moment.h"

#include "text/iso_time.h"

namespace weir::daemon {

std::optional<TimePoint> moment_of(const std::string& text) {
  constexpr std::size_t kDay = 10;
  return text::parse_time(text.size() == kDay ? text + "T00:00:00Z" : text);
}

}  // namespace weir::daemon
