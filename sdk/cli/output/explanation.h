// What `weir serve --explain` prints: what a user of the app gets of a data source, and why. Pure
// functions.
#pragma once

#include <weir/sync/sync_service.h>

#include <string>

namespace weir::cli {

struct ExplainedUser {
  std::string email = {};
  std::string source = {};
};

std::string as_json(const SyncExplanation& explained, const ExplainedUser& user);
std::string as_text(const SyncExplanation& explained, const ExplainedUser& user);

}  // namespace weir::cli
