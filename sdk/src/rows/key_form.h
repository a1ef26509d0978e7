// Keys that mean the same to a person: 7, 07, 7.0 and " 7". Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace weir::outbox {

// What such keys have in common: without blanks around, in small letters; of a number without
// leading zeros, and without decimals that are zero; of a UUID without hyphens and braces. Two ways
// to compose an accented letter stay two.
std::string form_of_key(std::string_view key);

}  // namespace weir::outbox
