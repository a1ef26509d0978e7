// KnownSource: the record of a data source in a store, as DataSource::known() tells it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::inline v0 {

struct KnownSource {
  // Key first; empty: not known.
  std::vector<std::string> columns = {};
  // Whether the platform has named the columns, or has accepted a publish that has them. Otherwise
  // they are those of single changes, or of a publish that waits, and the next publish may have
  // others.
  bool are_columns_certain = false;
  // Whether the store has published or adopted the data source, and so knows the platform's rows.
  bool is_published = false;
  // How many changes wait to be sent.
  std::int64_t waiting = 0;
};

}  // namespace weir::inline v0
