// The calls of the org day as pictures: a bar of what is spent and left, and the day's calls as
// steps, with the same as a table. Pure functions.
#pragma once

#include <weir/usage.h>

#include <string>

namespace weir::daemon {

std::string calls_bar(const Usage& usage);

// The calls that the usage log knows, as hours before `now`, and the even pace.
std::string day_chart(const Usage& usage, TimePoint now);

}  // namespace weir::daemon
