// Reading JSON that comes from outside: bounded depth, no exceptions. Private to api/, the home of
// nlohmann/json.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace weir::api {

// How deep the platform's answers may be nested, and more than they are.
inline constexpr int kDeepest = 64;

// Whether a NUL is in it, which nlohmann/json takes for the end of the text: what is behind it
// would not be read, and such a text is no JSON.
bool has_nul(std::string_view text);

// Empty when the text is not JSON, or nested deeper than any answer of the platform.
std::optional<nlohmann::json> parse_json(std::string_view text);

// Whether the text is JSON of any kind, or nothing. Asks for no document.
bool is_json_or_empty(std::string_view text);

}  // namespace weir::api
