#include "keyed_rows.h"

#include <iterator>

namespace weir::mock {

void KeyedRows::replace(const std::vector<Row>& rows) {
  rows_.clear();
  by_key_.clear();
  for (const Row& row : rows) upsert(row);
}

void KeyedRows::upsert(const Row& row) {
  const auto found = by_key_.find(row.front());
  if (found != by_key_.end()) {
    *found->second = row;
    return;
  }
  rows_.push_back(row);
  by_key_[row.front()] = std::prev(rows_.end());
}

void KeyedRows::erase(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  rows_.erase(found->second);
  by_key_.erase(found);
}

void KeyedRows::rewrite(const std::function<Row(const Row&)>& change) {
  by_key_.clear();
  for (auto row = rows_.begin(); row != rows_.end(); ++row) {
    *row = change(*row);
    by_key_[row->front()] = row;
  }
}

}  // namespace weir::mock
