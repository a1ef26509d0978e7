// KeyedRows: rows in display order, found by their key, the first cell. An upsert keeps the place
// of a row that is there and appends one that is not. Not thread-safe: its owner locks.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::mock {

using Row = std::vector<std::string>;

class KeyedRows {
 public:
  KeyedRows() = default;
  KeyedRows(KeyedRows&&) = default;
  KeyedRows& operator=(KeyedRows&&) = default;

  // Rows that repeat a key: the last one wins.
  void replace(const std::vector<Row>& rows);
  void upsert(const Row& row);
  // A key that is not there is ignored.
  void erase(const std::string& key);
  // Changes every row in its place; its first cell is its key from then on.
  void rewrite(const std::function<Row(const Row&)>& change);

  bool contains(const std::string& key) const { return by_key_.contains(key); }
  // The row of a key that is there. Its first cell must stay as it is.
  Row& at(const std::string& key) { return *by_key_.at(key); }
  const std::list<Row>& rows() const { return rows_; }

 private:
  std::list<Row> rows_;
  std::unordered_map<std::string, std::list<Row>::iterator> by_key_;
};

}  // namespace weir::mock
