#include "sync/http_head.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::sync {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

bool equal_but_for_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the next line off the text, without its end.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find(kLineEnd));
  text.remove_prefix(std::min(text.size(), line.size() + kLineEnd.size()));
  return line;
}

int refusal_of_request_line(std::string_view line) {
  if (line.size() > kMostRequestLineBytes) return 414;
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) return 400;
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const std::string_view version = line.substr(target_end + 1);
  if (!target.starts_with('/') || target.find_first_of(" \t") != std::string_view::npos ||
      has_control_character(line)) {
    return 400;
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return version.starts_with("HTTP/") ? 505 : 400;
  const std::string_view method = line.substr(0, method_end);
  if (method == "GET" || method == "HEAD") return 0;
  return is_token(method) ? 405 : 400;
}

// Headers that ask for what this server does not do, and with what they are refused. A length of 0
// is no body, and is let through.
int refusal_of_header(std::string_view name, std::string_view value) {
  constexpr std::array<std::pair<std::string_view, int>, 5> kRefused = {{
      {"transfer-encoding", 411},
      {"content-length", 413},
      {"content-encoding", 415},
      {"range", 416},
      {"expect", 417},
  }};
  if (equal_but_for_case(name, "content-length") && value == "0") return 0;
  if (equal_but_for_case(name, "content-type") &&
      equal_but_for_case(value.substr(0, 10), "multipart/")) {
    return 415;
  }
  for (const auto& [refused, status] : kRefused) {
    if (equal_but_for_case(name, refused)) return status;
  }
  return 0;
}

}  // namespace

std::size_t head_length(std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  return end == std::string_view::npos ? 0 : end + kHeadEnd.size();
}

int refusal_of_head(std::string_view head) {
  if (head.size() > kMostHeadBytes) return 431;
  if (const int status = refusal_of_request_line(take_line(head)); status != 0) return status;
  std::size_t lines = 0;
  int hosts = 0;
  int lengths = 0;
  for (std::string_view line = take_line(head); !line.empty(); line = take_line(head)) {
    if (++lines > kMostHeaderLines) return 431;
    const std::size_t colon = line.find(':');
    // Also refuses a line that goes on with the one before it, and a space before the colon.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return 400;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (has_control_character(value)) return 400;
    hosts += equal_but_for_case(name, "host") ? 1 : 0;
    lengths += equal_but_for_case(name, "content-length") ? 1 : 0;
    if (hosts > 1 || lengths > 1) return 400;
    if (const int status = refusal_of_header(name, value); status != 0) return status;
  }
  return 0;
}

int refusal_of_unfinished(std::string_view bytes) {
  const bool in_first_line = bytes.find(kLineEnd) == std::string_view::npos;
  if (in_first_line && bytes.size() > kMostRequestLineBytes) return 414;
  return bytes.size() >= kMostHeadBytes ? 431 : 0;
}

std::string_view reason_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 11> kPhrases = {{
      {400, "Bad Request"},
      {405, "Method Not Allowed"},
      {411, "Length Required"},
      {413, "Payload Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {431, "Request Header Fields Too Large"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  }};
  for (const auto& [known, phrase] : kPhrases) {
    if (known == status) return phrase;
  }
  return "Refused";
}

}  // namespace weir::sync
