// The head of an HTTP request: request line and header lines, checked before any library parses
// them. It must be what a device of the app sends: GET or HEAD without a body. Whatever two servers
// could read in two ways is refused. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::sync {

inline constexpr std::size_t kMostHeadBytes = 16UL * 1024;
inline constexpr std::size_t kMostRequestLineBytes = 8UL * 1024;
inline constexpr std::size_t kMostHeaderLines = 64;

// The length of the head that begins the bytes, its empty line included; 0 while it is incomplete.
std::size_t head_length(std::string_view bytes);

// The status with which a complete head is refused; 0 when it is good.
int refusal_of_head(std::string_view head);

// The status with which bytes are refused that are no complete head yet; 0 while they may become
// one.
int refusal_of_unfinished(std::string_view bytes);

// The words of a status line.
std::string_view reason_phrase(int status);

}  // namespace weir::sync
