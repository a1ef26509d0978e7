// The status as a terminal shows it: what the page says, from the JSON that the daemon gives. Pure.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::daemon {

struct StatusText {
  std::string text = {};
  bool is_in_trouble = false;  // there is a verdict
};

// kBadResponse: it is no status, or one of a later schema.
Result<StatusText> status_text(const std::string& text);

}  // namespace weir::daemon
