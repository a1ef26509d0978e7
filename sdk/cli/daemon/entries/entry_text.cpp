#include "daemon/entries/entry_text.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace weir::daemon {
namespace {

using nlohmann::ordered_json;

std::string one_line(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string entry_text(const FormEntry& entry, bool is_backfill) {
  if (!is_backfill || !entry.json.starts_with('{')) return entry.json;
  const std::string rest = entry.json.substr(1);
  return R"({"backfill":true)" + std::string(rest.starts_with('}') ? "" : ",") + rest;
}

std::vector<std::string> change_texts(const RowChanges& changes) {
  std::vector<std::string> texts;
  const auto name = [&](std::size_t column) {
    return column < changes.columns.size() ? changes.columns[column]
                                           : "column " + std::to_string(column + 1);
  };
  for (const Row& row : changes.changed) {
    ordered_json text = {{"op", "upsert"}};
    for (std::size_t i = 0; i < row.size(); ++i) text[name(i)] = row[i];
    texts.push_back(one_line(text));
  }
  for (const std::string& key : changes.deleted)
    texts.push_back(one_line({{"op", "delete"}, {name(0), key}}));
  return texts;
}

}  // namespace weir::daemon
