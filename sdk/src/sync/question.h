// Questions: what a request asks of each data source, settled on one edition. Safe to use from
// several threads at once.
#pragma once

#include <weir/sync/sync_request.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/change_log.h"
#include "sync/live_source.h"

namespace weir::sync {

// By ExternalId.
using LiveSources = std::map<std::string, std::unique_ptr<LiveSource>, std::less<>>;

struct Question {
  LiveSource* source = nullptr;
  View view = {};
  // What the device has; without it, all rows are told.
  std::optional<Views> views = {};
  bool is_unchanged = false;
};

struct Questions {
  NamedEdition edition = {};  // what the answer brings the device to
  std::vector<Question> each = {};
};

// Settles the questions of one user, or of the other one whose address may be meant.
// The sources that are asked for have been found, and may be asked for by this user.
Result<Questions> settle_questions(ChangeLog& log, const std::vector<LiveSource*>& sources,
                                   const SyncRequest& request);

}  // namespace weir::sync
