// The one table of exempt requests: those that the platform does not count against the org's budget
// (docs/platform-facts.md, "Limits"). The budget logs them and does not charge them.
//
// Thread-safe: no state.
#pragma once

#include <weir/transport.h>

#include <span>
#include <string_view>

namespace weir::pipeline {

struct ExemptRequest {
  std::string_view method;
  std::string_view path;
  std::string_view why;  // in the platform's words
};

// An exempt path whose answer tells the platform's time.
inline constexpr std::string_view kTimePath = "/api/v2/formentry/file";

std::span<const ExemptRequest> exempt_table();

bool is_exempt(const HttpRequest& request);

}  // namespace weir::pipeline
