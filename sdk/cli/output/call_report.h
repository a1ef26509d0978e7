// What `weir call` prints. Pure functions.
#pragma once

#include <weir/api_call.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::cli {

struct CallSummary {
  std::string method = {};
  std::string path = {};
  std::string to = {};  // the file that has the body; empty: none
  int status = 0;
  std::int64_t calls = 0;
  std::optional<std::int64_t> calls_left = {};
  std::int64_t bytes = 0;
};

std::string as_json(const CallSummary& summary);
std::string as_text(const CallSummary& summary);

// What would be sent, without the credentials that Weir adds.
std::string dry_run_as_json(const ApiCall& call);
std::string dry_run_as_text(const ApiCall& call);

}  // namespace weir::cli
