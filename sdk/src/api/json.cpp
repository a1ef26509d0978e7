#include "api/json.h"

#include "text/ascii.h"

namespace weir::api {
namespace {

// Deeply nested text would exhaust the stack when it is copied or freed.
bool is_shallow(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return false;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return true;
}

}  // namespace

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::optional<nlohmann::json> parse_json(std::string_view text) {
  if (has_nul(text) || !is_shallow(text)) return std::nullopt;
  nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed;
}

bool is_json_or_empty(std::string_view text) {
  return text::trimmed(text).empty() || (!has_nul(text) && nlohmann::json::accept(text));
}

}  // namespace weir::api
