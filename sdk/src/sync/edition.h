// Edition: a state of all served rows, named by a second of UTC. LastUpdated is its text.
//
// A device that sends one back says "I have the rows of that edition". Pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sync {

using Edition = std::int64_t;

// The end of what has not ended.
inline constexpr Edition kOpen = std::numeric_limits<Edition>::max();

// YYYY-MM-DDTHH:MM:SS
std::string edition_text(Edition edition);

// Empty when the text is anything else.
std::optional<Edition> read_edition(std::string_view text);

}  // namespace weir::sync
