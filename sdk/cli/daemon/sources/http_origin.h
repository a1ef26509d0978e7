// A document of a web server that is the whole table: fetched again when its ETag says that it has
// changed.
#pragma once

#include <memory>
#include <string>

#include "daemon/sources/origin_reader.h"

namespace weir::daemon {

// kInvalidConfig: the URL is neither https nor of this machine, the CA file cannot be used, or the
// zone of its times of day is not known.
Result<std::unique_ptr<OriginReader>> make_http_origin(const SourceConfig& config,
                                                       const HttpOrigin& document,
                                                       const std::string& zone);

}  // namespace weir::daemon
