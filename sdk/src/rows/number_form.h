// Numbers as programs and spreadsheets write them, by their value: 1000, 1,000.0, 1'000 and 1e3 are
// one. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::outbox {

// What a single sign with three digits behind it is: 1.000 is one, or a thousand.
enum class SingleSign { kPoint, kGroups };

// Whether the text is a number that can be read in both ways.
bool is_ambiguous_number(std::string_view text);

// The number without what its value does not need, as in "1000", "-1.5" or "1.5e600"; empty when
// the text is none.
std::optional<std::string> number_form(std::string_view text, SingleSign single);

}  // namespace weir::outbox
