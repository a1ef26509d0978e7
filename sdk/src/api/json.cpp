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

// Where the string ends that begins here, behind its quote; the end of the text when it does not.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

// What is between the outermost brackets and the commas of their level.
std::optional<std::vector<std::string_view>> parts_of(std::string_view text, char open) {
  if (text.empty() || text.front() != open) return std::nullopt;
  std::vector<std::string_view> parts;
  std::string expected;  // the brackets that are to close those that are open
  std::size_t begin = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      i = end_of_string(text, i) - 1;
    } else if (c == '[' || c == '{') {
      expected += c == '[' ? ']' : '}';
    } else if (c == ',' && expected.size() == 1) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    } else if (c == ']' || c == '}') {
      if (expected.back() != c) return std::nullopt;
      expected.pop_back();
      if (!expected.empty()) continue;
      if (i + 1 < text.size()) return std::nullopt;
      if (i > 1) parts.push_back(text.substr(begin, i - begin));
    }
  }
  if (!expected.empty()) return std::nullopt;
  return parts;
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

std::string without_blanks(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    const std::size_t end = json[i] == '"' ? end_of_string(json, i) : i + 1;
    const bool is_blank = std::string_view(" \t\r\n").find(json[i]) != std::string_view::npos;
    if (!is_blank) text.append(json.substr(i, end - i));
    i = end;
  }
  return text;
}

std::optional<std::vector<std::string_view>> elements_of(std::string_view array) {
  return parts_of(array, '[');
}

std::optional<std::vector<JsonMember>> members_of(std::string_view object) {
  const auto parts = parts_of(object, '{');
  if (!parts) return std::nullopt;
  std::vector<JsonMember> members;
  for (const std::string_view part : *parts) {
    const std::size_t end = part.starts_with('"') ? end_of_string(part, 0) : 0;
    if (end < 2 || end + 1 >= part.size() || part[end] != ':') return std::nullopt;
    members.push_back({.name = part.substr(1, end - 2), .value = part.substr(end + 1)});
  }
  return members;
}

}  // namespace weir::api
