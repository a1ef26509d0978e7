// Reading JSON that comes from outside: bounded depth, no exceptions. Private to api/, the home of
// nlohmann/json.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Text without the blanks between its tokens. Numbers stay as they are written, and members in
// their order, which a document would not keep.
std::string without_blanks(std::string_view json);

// The elements of an array, or the members of an object, as they stand in such a text; empty when
// it is none, or is cut off. What is within them is not looked at: one that cannot be read leaves
// the others readable.
std::optional<std::vector<std::string_view>> elements_of(std::string_view array);

struct JsonMember {
  std::string_view name = {};
  std::string_view value = {};
};
std::optional<std::vector<JsonMember>> members_of(std::string_view object);

}  // namespace weir::api
