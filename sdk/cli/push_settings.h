// What weir.toml may say of every push of a data source, and the words for it. Plain values.
#pragma once

#include <weir/data_source.h>

#include <optional>
#include <string>

namespace weir::cli {

// How many rows a push may delete: "100" or "20%".
struct DeletesLimit {
  std::optional<std::int64_t> rows = {};
  std::optional<double> percent = {};
};

// Empty: it is neither.
std::optional<DeletesLimit> read_deletes(const std::string& text);

// Of "adopt" or "replace".
FirstPublish first_publish_of(const std::string& word);

// What holds for every push of the data source, unless a flag says otherwise.
struct PushSettings {
  std::optional<FirstPublish> first = {};
  std::optional<DeletesLimit> max_deletes = {};
};

}  // namespace weir::cli
