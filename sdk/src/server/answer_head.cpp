#include "server/answer_head.h"

#include <algorithm>
#include <array>

#include "server/http_head.h"

namespace weir::server {
namespace {

std::string_view reason_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 32> kPhrases = {{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Payload Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  }};
  for (const auto& [known, phrase] : kPhrases) {
    if (known == status) return phrase;
  }
  return "Other";
}

void add_header(std::string_view name, std::string_view value, std::string& head) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string answer_head(int status, const AnswerHeaders& headers, const AnswerFrame& frame) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(reason_phrase(status)).append("\r\n");
  for (const auto& [name, value] : headers) {
    if (!has_control_character(name) && !has_control_character(value))
      add_header(name, value, head);
  }
  if (frame.in_chunks) {
    add_header("Transfer-Encoding", "chunked", head);
  } else if (frame.length && !has_no_body(status)) {
    add_header("Content-Length", std::to_string(*frame.length), head);
  }
  if (frame.closes) {
    add_header("Connection", "close", head);
  } else {
    const auto idle = std::chrono::floor<std::chrono::seconds>(frame.idle_time);
    // The first is for HTTP/1.0, which ends a connection unless it is told not to.
    add_header("Connection", "keep-alive", head);
    add_header(
        "Keep-Alive",
        "timeout=" + std::to_string(idle.count()) + ", max=" + std::to_string(frame.requests_left),
        head);
  }
  return head + "\r\n";
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace weir::server
