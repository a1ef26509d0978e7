// PutContent: the content of a PUT that has its rows itself, for tests.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/data_source_api.h"

namespace weir::testing {

struct PutContent {
  std::string external_id = {};
  std::optional<std::vector<Row>> rows = {};
  std::vector<Row> new_rows = {};
  std::vector<std::string> deleted_keys = {};
  // Names and values in turn.
  std::vector<std::pair<std::string, std::vector<std::string>>> cell_updates = {};

  // Good as long as the content is.
  api::PutDataSource view() const {
    api::PutDataSource view{.external_id = external_id};
    if (rows) view.rows.emplace();
    if (rows) {
      for (const Row& row : *rows) view.rows->push_back(&row);
    }
    for (const Row& row : new_rows) view.new_rows.push_back(&row);
    for (const std::string& key : deleted_keys) view.deleted_keys.push_back(&key);
    for (const auto& [key, cells] : cell_updates)
      view.cell_updates.push_back({.key = &key, .cells = &cells});
    return view;
  }
};

}  // namespace weir::testing
