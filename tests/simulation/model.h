// Model: what the rows of the data sources should be in the end, by what the integrations have
// handed over; the oracle of the simulation. Knows nothing of the SDK's ways.
#pragma once

#include <weir/row.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weir::simulation {

// Cells that begin with this are refused by the platform, for good.
inline constexpr const char* kBadCell = "refuse me";

bool has_bad_cell(const Row& row);

// Key to row.
using Table = std::map<std::string, Row>;

class Model {
 public:
  explicit Model(const std::map<std::string, Table>& at_first);

  const Table& rows(const std::string& source) const { return sources_.at(source).rows; }
  const std::vector<std::string>& columns() const { return columns_; }
  std::vector<std::string> names() const;

  // A change was kept.
  void apply(const std::string& source, const Change& change);
  // A snapshot was kept.
  void publish(const std::string& source, const std::vector<Row>& rows);
  // A process was killed while it published, so the snapshot may have been kept or not. Until the
  // next one is, the source is uncertain.
  void publish_in_doubt(const std::string& source, const std::vector<Row>& rows);
  bool is_uncertain(const std::string& source) const { return sources_.at(source).uncertain; }

  // Whether the row holds, or held lately, what the platform refuses, so that its copy there may
  // lack a change.
  bool is_tainted(const std::string& source, const std::string& key) const;

  // The number of the last change that made the row like this; empty: no change did.
  std::optional<std::int64_t> version_of(const std::string& source, const std::string& key,
                                         const Row* row) const;

 private:
  struct Source {
    Table rows;
    bool uncertain = false;
    std::set<std::string> tainted;
    std::map<std::string, std::map<std::string, std::int64_t>> versions;  // key, content, number
  };

  void put(Source& source, const Row& row);
  void erase(Source& source, const std::string& key);
  void note(Source& source, const std::string& key, const Row* row);

  const std::vector<std::string> columns_ = {"id", "a", "b"};
  std::map<std::string, Source> sources_;
  std::int64_t last_number_ = 0;
};

}  // namespace weir::simulation
