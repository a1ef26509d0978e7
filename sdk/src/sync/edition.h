// Edition: a state of all served rows. They are numbered in the order in which they were made.
//
// LastUpdated is the name of one, a second of UTC; a device that sends it back says "I have the
// rows of that edition". The first edition that is told in a second has that second as its name,
// which no store before or after gives to another, since it goes on with later seconds. All others
// are named by any second of the years 2000 to 2019. Pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sync {

using Edition = std::int64_t;

struct NamedEdition {
  Edition edition = 0;
  Edition name = 0;
};

// The end of what has not ended.
inline constexpr Edition kOpen = std::numeric_limits<Edition>::max();

// YYYY-MM-DDTHH:MM:SS
std::string edition_text(Edition name);

// Some second of the years 2000 to 2019, but no whole minute, which may be the date with which an
// app asks first.
Edition any_name(std::uint64_t random);
bool is_any_name(Edition name);

// Empty when the text is anything else.
std::optional<Edition> read_edition(std::string_view text);

}  // namespace weir::sync
