// What a Platform Sync service answers, read as strictly as the documents are: a service that an
// author tests with the mock device should hear of every slip. Pure functions, thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "keyed_rows.h"

namespace weir::mock {

// One data source of an answer. All three absent: it has not changed.
struct SourceAnswer {
  std::optional<std::vector<Row>> rows = {};  // replaces everything; the other lists are ignored
  std::vector<Row> new_rows = {};
  std::vector<std::string> deleted_keys = {};
};

struct DeviceAnswer {
  std::string last_updated = {};
  std::map<std::string, SourceAnswer> sources = {};
};

// The body of an answer, or what is wrong with it in a few words. Quotes nothing of the body, which
// may hold whatever the service was sent.
std::variant<DeviceAnswer, std::string> read_answer(const std::string& body);

// NewRows, then DeletedRows; a delete of an unknown key is ignored. Rows instead of both.
void apply(const SourceAnswer& answer, KeyedRows& rows);

}  // namespace weir::mock
