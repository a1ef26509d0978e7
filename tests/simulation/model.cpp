#include "simulation/model.h"

#include <algorithm>
#include <string_view>

namespace weir::simulation {
namespace {

std::string content_of(const Row* row) {
  if (row == nullptr) return "absent";
  std::string content;
  for (const std::string& cell : *row) content += "|" + cell;
  return content;
}

}  // namespace

bool has_bad_cell(const Row& row) {
  return std::any_of(row.begin(), row.end(), [](const std::string& cell) {
    return std::string_view(cell).starts_with(kBadCell);
  });
}

Model::Model(const std::map<std::string, Table>& at_first) {
  for (const auto& [name, rows] : at_first) {
    for (const auto& [key, row] : rows) put(sources_[name], row);
    sources_[name].rows = rows;
  }
}

std::vector<std::string> Model::names() const {
  std::vector<std::string> names;
  for (const auto& [name, source] : sources_) names.push_back(name);
  return names;
}

void Model::note(Source& source, const std::string& key, const Row* row) {
  source.versions[key][content_of(row)] = ++last_number_;
}

void Model::put(Source& source, const Row& row) {
  source.rows[row.front()] = row;
  note(source, row.front(), &row);
  if (has_bad_cell(row)) {
    source.tainted.insert(row.front());
  } else {
    source.tainted.erase(row.front());
  }
}

void Model::erase(Source& source, const std::string& key) {
  source.rows.erase(key);
  source.tainted.erase(key);
  note(source, key, nullptr);
}

void Model::apply(const std::string& name, const Change& change) {
  Source& source = sources_.at(name);
  if (const auto* upsert = std::get_if<Upsert>(&change)) {
    put(source, upsert->row);
  } else if (std::holds_alternative<Erase>(change)) {
    erase(source, key_of(change));
  } else {
    const auto& set = std::get<SetCells>(change);
    Row row = source.rows.at(set.key);
    const bool was_tainted = source.tainted.contains(set.key);
    for (const CellUpdate& cell : set.cells) {
      const auto column = std::find(columns_.begin(), columns_.end(), cell.column);
      row[static_cast<std::size_t>(column - columns_.begin())] = cell.value;
    }
    put(source, row);
    if (was_tainted) source.tainted.insert(set.key);
  }
}

void Model::publish(const std::string& name, const std::vector<Row>& rows) {
  Source& source = sources_.at(name);
  std::set<std::string> gone;
  for (const auto& [key, row] : source.rows) gone.insert(key);
  // The platform may have a newer state of any row, so each counts as changed.
  if (source.uncertain) {
    for (const auto& [key, versions] : source.versions) gone.insert(key);
    source.rows.clear();
  }
  for (const Row& row : rows) {
    gone.erase(row.front());
    const auto before = source.rows.find(row.front());
    if (before == source.rows.end() || before->second != row) put(source, row);
  }
  for (const std::string& key : gone) erase(source, key);
  source.uncertain = false;
}

void Model::publish_in_doubt(const std::string& name, const std::vector<Row>& rows) {
  Source& source = sources_.at(name);
  const Table before = source.rows;
  publish(name, rows);
  source.rows = before;
  source.uncertain = true;
}

bool Model::is_tainted(const std::string& source, const std::string& key) const {
  return sources_.at(source).tainted.contains(key);
}

std::optional<std::int64_t> Model::version_of(const std::string& name, const std::string& key,
                                              const Row* row) const {
  const Source& source = sources_.at(name);
  const auto of_key = source.versions.find(key);
  if (of_key == source.versions.end()) return std::nullopt;
  const auto found = of_key->second.find(content_of(row));
  if (found == of_key->second.end()) return std::nullopt;
  return found->second;
}

}  // namespace weir::simulation
