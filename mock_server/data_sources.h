// DataSources: all data sources of the organization, with the platform's rule of one writer per
// data source at a time. Safe to use from several threads at once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data_source_table.h"

namespace weir::mock {

// How a call names a data source: Id or ExternalId, or Name when reading.
struct Selector {
  std::string id = {};
  std::string external_id = {};
  std::string name = {};
};

class DataSources {
 public:
  explicit DataSources(const std::vector<DataSourceOptions>& options);

  // Runs `use` with the data source locked; false when there is none.
  bool with(const Selector& selector, const std::function<void(DataSourceTable&)>& use);

  // The ExternalId of what a selector names, for the log; empty when there is none.
  std::string external_id_of(const Selector& selector) const;

  // Begins a write that ends with the returned value; null when another one is under way.
  std::shared_ptr<void> begin_write(const Selector& selector);

  std::vector<std::string> external_ids() const;

 private:
  DataSourceTable* find(const Selector& selector) const;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<DataSourceTable>> tables_;
  std::set<const DataSourceTable*> being_written_;
};

}  // namespace weir::mock
