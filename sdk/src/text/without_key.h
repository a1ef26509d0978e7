// Foreign words without the key that they may repeat. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::text {

// Every occurrence of the key becomes "…": as it is, percent-encoded, escaped for JSON or HTML, and
// in any mixture of these.
std::string without_key(std::string_view words, std::string_view key);

// Without each of them: the whole of one that holds another comes first.
std::string without_keys(std::string words, const std::vector<std::string>& keys);

}  // namespace weir::text
