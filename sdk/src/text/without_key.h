// Foreign words without the key that they may repeat. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace weir::text {

// Every occurrence of the key becomes "…": as it is, percent-encoded, escaped for JSON or HTML, and
// in any mixture of these.
std::string without_key(std::string_view words, std::string_view key);

}  // namespace weir::text
