// The rows of a query of a database: read whole at its times, or followed (followed_query.h).
#pragma once

#include <memory>
#include <string>

#include "daemon/sources/origin_reader.h"

namespace weir::daemon {

// kInvalidConfig: the zone of its times of day is not known.
Result<std::unique_ptr<OriginReader>> make_query_origin(const SourceConfig& config,
                                                        const QueryOrigin& query,
                                                        const std::string& zone);

// The address with its password, as the readers take it.
std::string full_address(const DatabaseConfig& database);

}  // namespace weir::daemon
