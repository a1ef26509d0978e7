// What `weir run --rehearse` prints. Pure functions.
#pragma once

#include <weir/rehearsal.h>

#include <string>
#include <vector>

namespace weir::cli {

struct OrgRehearsal {
  std::string org = {};  // empty: the file is of one organization
  Rehearsal rehearsal = {};
};

std::string as_json(const std::vector<OrgRehearsal>& all);
std::string as_text(const std::vector<OrgRehearsal>& all);

}  // namespace weir::cli
