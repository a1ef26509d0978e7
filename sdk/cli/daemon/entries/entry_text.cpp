#include "daemon/entries/entry_text.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace weir::daemon {
namespace {

using nlohmann::ordered_json;

std::string one_line(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

constexpr const char* kOperation = "op";

std::string number_as_name(std::size_t column) { return "column " + std::to_string(column + 1); }

// A column that has the name of the operation, or of one before, must overwrite neither.
std::vector<std::string> member_names(const RowChanges& changes) {
  std::vector<std::string> names;
  std::set<std::string> taken = {kOperation};
  for (std::size_t i = 0; i < changes.columns.size(); ++i) {
    const std::string& name = changes.columns[i];
    names.push_back(taken.insert(name).second ? name : number_as_name(i));
  }
  return names;
}

std::string name_at(const std::vector<std::string>& names, std::size_t column) {
  return column < names.size() ? names[column] : number_as_name(column);
}

}  // namespace

std::string entry_text(const FormEntry& entry, bool is_backfill) {
  if (!is_backfill || !entry.json.starts_with('{')) return entry.json;
  const std::string rest = entry.json.substr(1);
  return R"({"backfill":true)" + std::string(rest.starts_with('}') ? "" : ",") + rest;
}

std::vector<std::string> change_texts(const RowChanges& changes) {
  std::vector<std::string> texts;
  const std::vector<std::string> names = member_names(changes);
  for (const Row& row : changes.changed) {
    ordered_json text = {{kOperation, "upsert"}};
    for (std::size_t i = 0; i < row.size(); ++i) text[name_at(names, i)] = row[i];
    texts.push_back(one_line(text));
  }
  for (const std::string& key : changes.deleted)
    texts.push_back(one_line({{kOperation, "delete"}, {name_at(names, 0), key}}));
  return texts;
}

}  // namespace weir::daemon
