#include "data_sources.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace weir::mock {
namespace {

// 32 hex digits, the same for the same name at every start.
std::string id_of(const std::string& external_id) {
  std::uint64_t high = 14695981039346656037ULL;
  std::uint64_t low = 88172645463325252ULL;
  for (const char c : external_id) {
    high = (high ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    low = (low ^ static_cast<unsigned char>(c)) * 6364136223846793005ULL;
  }
  std::array<char, 33> text = {};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text.data();
}

// Ids are accepted with and without dashes, in either case.
std::string plain_id(const std::string& id) {
  std::string plain;
  for (const char c : id) {
    if (c != '-') plain.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return plain;
}

}  // namespace

DataSources::DataSources(const std::vector<DataSourceOptions>& options) {
  for (const DataSourceOptions& source : options) {
    tables_.push_back(std::make_unique<DataSourceTable>(id_of(source.external_id),
                                                        source.external_id, source.columns));
  }
}

bool DataSources::with(const Selector& selector, const std::function<void(DataSourceTable&)>& use) {
  std::lock_guard lock(mutex_);
  DataSourceTable* table = find(selector);
  if (table == nullptr) return false;
  use(*table);
  return true;
}

std::string DataSources::external_id_of(const Selector& selector) const {
  std::lock_guard lock(mutex_);
  const DataSourceTable* table = find(selector);
  return table == nullptr ? "" : table->external_id();
}

std::shared_ptr<void> DataSources::begin_write(const Selector& selector) {
  std::lock_guard lock(mutex_);
  const DataSourceTable* table = find(selector);
  if (table == nullptr || !being_written_.insert(table).second) return nullptr;
  return std::shared_ptr<void>(static_cast<void*>(this), [this, table](void*) {
    std::lock_guard again(mutex_);
    being_written_.erase(table);
  });
}

std::vector<std::string> DataSources::external_ids() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& table : tables_) ids.push_back(table->external_id());
  return ids;
}

DataSourceTable* DataSources::find(const Selector& selector) const {
  const auto fits = [&](const std::unique_ptr<DataSourceTable>& table) {
    if (!selector.id.empty()) return table->id() == plain_id(selector.id);
    if (!selector.external_id.empty()) return table->external_id() == selector.external_id;
    return !selector.name.empty() && table->name() == selector.name;
  };
  const auto found = std::find_if(tables_.begin(), tables_.end(), fits);
  return found == tables_.end() ? nullptr : found->get();
}

}  // namespace weir::mock
