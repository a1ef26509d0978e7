// Keys that mean the same to a person: 7, 07, 7.0, 7e+00 and " 7". Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::outbox {

// What such keys have in common: without blanks around and signs that are not seen, in small
// letters without accents; of a number its value; of a UUID its digits, without hyphens and braces.
// UTF-8 that was read as Windows-1252 or Latin-1 ("MÃ¼nchen") is what it was before.
std::string form_of_key(std::string_view key);

// Of a number that can be read in two ways, such as 1.000 or 1,000, the form of the less likely.
std::optional<std::string> other_form_of_key(std::string_view key);

}  // namespace weir::outbox
