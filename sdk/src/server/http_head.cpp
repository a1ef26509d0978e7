#include "server/http_head.h"

#include <algorithm>
#include <charconv>

#include "text/ascii.h"

namespace weir::server {
namespace {

using text::same_but_for_case;
using text::trimmed;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
// No length that anybody means has more; fewer than overflow 64 bits.
constexpr std::size_t kMostLengthDigits = 18;

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return text::is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_control_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

// Takes the next part off the text, without its end.
std::string_view take_until(std::string_view end, std::string_view& text) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + end.size()));
  return part;
}

int read_request_line(std::string_view line, HttpHead& head) {
  if (line.size() > kMostRequestLineBytes) return 414;
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) return 400;
  head.method = line.substr(0, method_end);
  head.target = line.substr(method_end + 1, target_end - method_end - 1);
  // A # is the browser's affair and never sent; a server that cuts there sees another target.
  if (!is_token(head.method) || !head.target.starts_with('/') ||
      head.target.find_first_of(" \t#") != std::string_view::npos || has_control_character(line)) {
    return 400;
  }
  const std::string_view version = line.substr(target_end + 1);
  head.is_http_1_0 = version == "HTTP/1.0";
  if (version == "HTTP/1.1" || head.is_http_1_0) return 0;
  return version.starts_with("HTTP/") ? 505 : 400;
}

std::optional<std::uint64_t> length_of(std::string_view digits) {
  std::uint64_t length = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, length);
  if (digits.size() > kMostLengthDigits || fault != std::errc() || stopped != end)
    return std::nullopt;
  return length;
}

struct Seen {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  bool close = false;
  bool keep_alive = false;
};

// False when it cannot be meant.
bool note_header(std::string_view name, std::string_view value, HttpHead& head, Seen& seen) {
  const auto is = [&](std::string_view other) { return same_but_for_case(name, other); };
  if (is("host")) {
    head.host = value;
    return ++seen.hosts == 1 && value.find_first_of(" \t") == std::string_view::npos;
  }
  if (is("content-length")) {
    head.length = length_of(value);
    return ++seen.lengths == 1 && head.length;
  }
  if (is("transfer-encoding")) {
    head.is_chunked = true;
    return ++seen.codings == 1 && same_but_for_case(value, "chunked");
  }
  if (is("content-encoding")) head.has_coded_body = true;
  if (is("range")) head.wants_range = true;
  if (is("expect")) {
    head.expects_continue = same_but_for_case(value, "100-continue");
    head.expects_other = !head.expects_continue;
  }
  if (is("connection")) {
    seen.close |= has_list_item(value, "close");
    seen.keep_alive |= has_list_item(value, "keep-alive");
  }
  return true;
}

int read_header_lines(HttpHead& head) {
  Seen seen;
  std::size_t count = 0;
  for (std::string_view rest = head.lines; !rest.empty();) {
    if (++count > kMostHeaderLines) return 431;
    const std::string_view line = take_until(kLineEnd, rest);
    if (!is_header_line(line)) return 400;
    const std::size_t colon = line.find(':');
    if (!note_header(line.substr(0, colon), trimmed(line.substr(colon + 1)), head, seen))
      return 400;
  }
  head.keeps_alive = !seen.close && (!head.is_http_1_0 || seen.keep_alive);
  // Chunks are what HTTP/1.0 does not know, so a proxy in front may have read past them.
  if (head.is_chunked && (head.length || head.is_http_1_0)) return 400;
  return seen.hosts == 1 || head.is_http_1_0 ? 0 : 400;
}

}  // namespace

std::size_t head_length(std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  return end == std::string_view::npos ? 0 : end + kHeadEnd.size();
}

HttpHead read_head(std::string_view bytes) {
  HttpHead head;
  if (bytes.size() > kMostHeadBytes) return {.refusal = 431};
  head.lines = bytes;
  head.refusal = read_request_line(take_until(kLineEnd, head.lines), head);
  if (head.refusal != 0) return head;
  if (head.lines.ends_with(kLineEnd)) head.lines.remove_suffix(kLineEnd.size());
  head.refusal = read_header_lines(head);
  return head;
}

int refusal_of_unfinished(std::string_view bytes) {
  // Nothing that follows could mend these, so nobody waits for it.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool ends_line = bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r';
    const bool may_end_line = bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] == '\n');
    if (is_control_character(bytes[i]) && !ends_line && !may_end_line) return 400;
  }
  const bool in_first_line = bytes.find(kLineEnd) == std::string_view::npos;
  if (in_first_line && bytes.size() > kMostRequestLineBytes) return 414;
  return bytes.size() >= kMostHeadBytes ? 431 : 0;
}

std::string_view header_value(std::string_view lines, std::string_view lower_name) {
  while (!lines.empty()) {
    const std::string_view line = take_until(kLineEnd, lines);
    const std::size_t colon = line.find(':');
    if (same_but_for_case(line.substr(0, colon), lower_name))
      return trimmed(line.substr(colon + 1));
  }
  return "";
}

bool is_header_line(std::string_view line) {
  // A line that goes on with the one before it, and a space before the colon, have no token there.
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon)) &&
         !has_control_character(line);
}

bool has_list_item(std::string_view list, std::string_view lower_item) {
  while (!list.empty()) {
    if (same_but_for_case(trimmed(take_until(",", list)), lower_item)) return true;
  }
  return false;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control_character);
}

}  // namespace weir::server
