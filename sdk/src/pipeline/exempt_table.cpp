#include "pipeline/exempt_table.h"

#include <algorithm>

namespace weir::pipeline {
namespace {

// Connector actions and Platform Sync are exempt too, but the platform makes those requests, so
// they never pass here.
constexpr ExemptRequest kExempt[] = {
    {"GET", kTimePath, "file downloads of the File APIs"},
};

}  // namespace

std::span<const ExemptRequest> exempt_table() { return kExempt; }

bool is_exempt(const HttpRequest& request) {
  return std::any_of(std::begin(kExempt), std::end(kExempt), [&](const ExemptRequest& exempt) {
    return exempt.method == request.method && exempt.path == request.path;
  });
}

}  // namespace weir::pipeline
