// Any other request of the platform as an HttpRequest: checked, with the credentials added.
//
// Pure functions, thread-safe.
#pragma once

#include <weir/api_call.h>
#include <weir/result.h>
#include <weir/transport.h>

#include <optional>
#include <string>
#include <string_view>

#include "api/data_source_api.h"

namespace weir::api {

struct PlannedCall {
  HttpRequest request = {};
  // The data source whose rows or columns it changes, by its ExternalId.
  std::optional<std::string> changes_source = {};
  bool changes_columns = false;
};

// kInvalidArgument: what is wrong with the call, by the names of ApiCall. A path stays below the
// base URL: no host, "//", "..", "\", "?", "#" or control character, percent-encoded or not. The
// caller's own credentials are refused, and so is a change of a data source that does not name it
// by its ExternalId.
Result<PlannedCall> plan_call(const Credentials& credentials, const ApiCall& call);

}  // namespace weir::api
