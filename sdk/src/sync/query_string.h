// The query string of a request. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::sync {

// Percent-decoded text, '+' as a blank or as it stands; empty when a '%' is not followed by two hex
// digits.
std::optional<std::string> decoded(std::string_view text, char plus = ' ');

// Calls pair(name, value, raw), the first two decoded. False when the text cannot be decoded.
bool for_each_pair(
    std::string_view query,
    const std::function<void(const std::string&, std::string, std::string_view raw)>& pair);

// The items of a comma list, without blanks around them; an empty list has one empty item.
std::vector<std::string> items_of(std::string_view list);

// Whether two names are the same but for the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b);

}  // namespace weir::sync
