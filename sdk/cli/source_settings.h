// What weir.toml says of single data sources:
//
//   [source.OUTAGES]
//   weight = 5
//   deadline = "15m"
//
// Another setting of data sources is one line in the table of source_settings.cpp.
#pragma once

#include <toml++/toml.h>
#include <weir/client_options.h>
#include <weir/result.h>

#include <map>
#include <string>

namespace weir::cli {

// kInvalidConfig names the data source, the setting and the file, also of a setting that is not
// known: a slip of the pen would else go unnoticed.
Result<std::map<std::string, SourceOptions>> read_sources(const toml::table& file,
                                                          const std::string& file_name);

}  // namespace weir::cli
