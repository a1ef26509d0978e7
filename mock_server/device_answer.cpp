#include "device_answer.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace weir::mock {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;

class BadAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

json parse(const std::string& body) {
  const auto shallow = [](int depth, json::parse_event_t, json&) {
    if (depth > kDeepest) throw BadAnswer("it is nested too deeply");
    return true;
  };
  try {
    return json::parse(body, shallow);
  } catch (const json::exception&) {
    throw BadAnswer("it is not valid JSON");
  }
}

// A member that is null counts as absent, as many serializers write it.
const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const std::string& text(const json* value, const std::string& what) {
  if (value == nullptr || !value->is_string()) throw BadAnswer(what + " is missing or not text");
  return value->get_ref<const std::string&>();
}

const json& list(const json& value, const std::string& what) {
  if (!value.is_array()) throw BadAnswer(what + " is not a list");
  return value;
}

Row read_row(const json& cells, const std::string& what) {
  Row row;
  for (const json& cell : list(cells, "a row of " + what)) {
    if (!cell.is_string() && !cell.is_null()) throw BadAnswer("a cell of " + what + " is not text");
    row.push_back(cell.is_null() ? std::string() : cell.get<std::string>());
  }
  if (row.empty() || row.front().empty()) throw BadAnswer("a row of " + what + " has no key");
  return row;
}

std::vector<Row> read_rows(const json& value, const std::string& what) {
  std::vector<Row> rows;
  for (const json& cells : list(value, what)) {
    rows.push_back(read_row(cells, what));
    if (rows.back().size() != rows.front().size())
      throw BadAnswer("rows of " + what + " differ in their number of cells");
  }
  return rows;
}

SourceAnswer read_source(const json& source) {
  SourceAnswer answer;
  if (const json* rows = member(source, "Rows")) answer.rows = read_rows(*rows, "Rows");
  if (const json* rows = member(source, "NewRows")) answer.new_rows = read_rows(*rows, "NewRows");
  const json* deleted = member(source, "DeletedRows");
  if (deleted == nullptr) return answer;
  for (Row& row : read_rows(*deleted, "DeletedRows")) {
    if (row.size() != 1) throw BadAnswer("a row of DeletedRows is more than its key");
    answer.deleted_keys.push_back(std::move(row.front()));
  }
  return answer;
}

DeviceAnswer read(const json& body) {
  if (!body.is_object()) throw BadAnswer("it is not a JSON object");
  DeviceAnswer answer{.last_updated = text(member(body, "LastUpdated"), "LastUpdated")};
  const json* sources = member(body, "DataSources");
  if (sources == nullptr) return answer;
  for (const json& source : list(*sources, "DataSources")) {
    if (!source.is_object()) throw BadAnswer("an item of DataSources is not an object");
    const std::string& id = text(member(source, "Id"), "Id of an item of DataSources");
    if (!answer.sources.emplace(id, read_source(source)).second)
      throw BadAnswer("a data source is there twice");
  }
  return answer;
}

}  // namespace

std::variant<DeviceAnswer, std::string> read_answer(const std::string& body) try {
  return read(parse(body));
} catch (const BadAnswer& problem) {
  return problem.what();
}

void apply(const SourceAnswer& answer, KeyedRows& rows) {
  if (answer.rows) {
    rows.replace(*answer.rows);
    return;
  }
  for (const Row& row : answer.new_rows) rows.upsert(row);
  for (const std::string& key : answer.deleted_keys) rows.erase(key);
}

}  // namespace weir::mock
