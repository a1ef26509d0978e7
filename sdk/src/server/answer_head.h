// The head of an answer: status line and headers as bytes. Pure functions, thread-safe.
#pragma once

#include <weir/clock.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::server {

// How the body of an answer is told apart from what follows it.
struct AnswerFrame {
  std::optional<std::uint64_t> length = {};  // neither this nor chunks: the connection ends it
  bool in_chunks = false;
  bool closes = false;            // the connection ends after it
  std::size_t requests_left = 0;  // else so many more may come, each within idle_time
  Milliseconds idle_time = {};
};

using AnswerHeaders = std::vector<std::pair<std::string, std::string>>;

// A header with a control character in it is left out, as it would be read as two.
std::string answer_head(int status, const AnswerHeaders& headers, const AnswerFrame& frame);

// Whether an answer of this status never has a body.
bool has_no_body(int status);

}  // namespace weir::server
