// The head of an HTTP request: request line and header lines, checked byte for byte, and what they
// say. Whatever two servers could read in two ways is refused. Pure functions, thread-safe.
//
//   const HttpHead head = read_head("GET /?a=1 HTTP/1.1\r\nHost: h\r\n\r\n");
//   head.refusal, head.method, head.target  // 0, "GET", "/?a=1"
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::server {

inline constexpr std::size_t kMostHeadBytes = 16UL * 1024;
inline constexpr std::size_t kMostRequestLineBytes = 8UL * 1024;
inline constexpr std::size_t kMostHeaderLines = 64;

// Its texts are parts of the bytes that were read.
struct HttpHead {
  // The status with which it is refused, and then nothing else here counts; 0 when it is good.
  int refusal = 0;
  std::string_view method = {};  // any token
  std::string_view target = {};  // begins with /
  std::string_view lines = {};   // the header lines, each with its end
  std::string_view host = {};
  std::optional<std::uint64_t> length = {};  // of the body, as it was told
  bool is_chunked = false;
  bool is_http_1_0 = false;
  bool keeps_alive = false;       // the client lets the connection stay
  bool expects_continue = false;  // it sends its body when it is told to
  bool expects_other = false;     // what no server here does
  bool has_coded_body = false;    // Content-Encoding
  bool wants_range = false;
};

// The length of the head that begins the bytes, its empty line included; 0 while it is incomplete.
std::size_t head_length(std::string_view bytes);

// Reads a complete head.
HttpHead read_head(std::string_view bytes);

// The status with which bytes are refused that are no complete head yet; 0 while they may become
// one.
int refusal_of_unfinished(std::string_view bytes);

// Of good header lines the value of the first with this name, given in lower case; "" when there
// is none.
std::string_view header_value(std::string_view lines, std::string_view lower_name);

// Whether a line, without its end, is "name: value" with nothing odd in it.
bool is_header_line(std::string_view line);

// Whether a comma-separated list has this item, given in lower case.
bool has_list_item(std::string_view list, std::string_view lower_item);

bool has_control_character(std::string_view text);

}  // namespace weir::server
