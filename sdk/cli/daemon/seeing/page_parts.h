// Pieces of HTML that the parts of the status page are made of. Whatever comes from elsewhere goes
// through html(). Pure functions.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <string>
#include <string_view>

namespace weir::daemon {

// The text as it may stand in HTML, in an attribute too.
std::string html(std::string_view text);

// A name as it may stand in a query string.
std::string percent_encoded(std::string_view text);

// "17 min", "3 h 5 min", "2 days"; less than a minute is "less than a minute".
std::string duration_words(Milliseconds duration);

// "17 min ago" or "in 17 min" as a <time> that also has the moment; "–" when there is none.
std::string moment(const std::optional<TimePoint>& time, TimePoint now);

}  // namespace weir::daemon
