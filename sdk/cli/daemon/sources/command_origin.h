// A program whose standard output is the whole table.
#pragma once

#include <memory>
#include <string>

#include "daemon/sources/origin_reader.h"

namespace weir::daemon {

// kInvalidConfig: the zone of its times of day is not known.
Result<std::unique_ptr<OriginReader>> make_command_origin(const SourceConfig& config,
                                                          const CommandOrigin& command,
                                                          const std::string& org,
                                                          const std::string& zone);

}  // namespace weir::daemon
