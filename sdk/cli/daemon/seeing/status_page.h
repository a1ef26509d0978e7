// The status page: one HTML, CSS and JavaScript, all compiled in. The page is whole without
// JavaScript, which only puts newer parts in the place of older ones. It changes nothing. Pure.
#pragma once

#include <string>
#include <string_view>

#include "daemon/seeing/status.h"

namespace weir::daemon {

struct PageQuestion {
  std::string_view org = {};  // percent-encoded; empty: the only one, or all of them
  bool all_sources = false;   // also those that are well, when there are many
};

std::string status_page(const Status& status, const PageQuestion& question);

extern const std::string_view kStatusCss;
extern const std::string_view kStatusJs;

}  // namespace weir::daemon
