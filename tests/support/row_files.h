// Files of rows and changes in a folder of their own, read as the command reads them, and what came
// of it as one text: rows as "1|a|b|" and a line break each, or the message of the refusal.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "input/changes_file.h"
#include "input/row_sources.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class RowFilesTest : public ::testing::Test {
 protected:
  static std::string line_of(const Row& row) {
    std::string text;
    for (const std::string& cell : row) text += cell + "|";
    return text + "\n";
  }

  static std::string read(RowSource& source) {
    std::string text;
    const Result<std::vector<std::string>> columns = source.columns();
    if (!columns) return columns.error().message;
    const Result<void> read = source.read({}, [&](const Row& row) -> Result<void> {
      text += line_of(row);
      return {};
    });
    return read ? text : read.error().message;
  }

  std::string csv(const std::string& content, const cli::RowSourceOptions& options = {}) {
    return read(*cli::csv_source(folder_.write("rows.csv", content), options));
  }
  std::string ndjson(const std::string& content, const cli::RowSourceOptions& options = {}) {
    return read(*cli::ndjson_source(folder_.write("rows.ndjson", content), options));
  }

  // Upserts as "+1|a|b|", deletes as "-1", sets as "~1".
  std::string changes(const std::string& name, const std::string& content,
                      const std::optional<std::string>& key = std::nullopt,
                      const cli::KnownColumns& known = {}) {
    const Result<cli::ChangesFile> file =
        cli::read_changes(folder_.write(name, content), key, {}, known);
    if (!file) return file.error().message;
    std::string text;
    for (const Change& change : file->changes) {
      if (const auto* upsert = std::get_if<Upsert>(&change)) text += "+" + line_of(upsert->row);
      if (const auto* erase = std::get_if<Erase>(&change)) text += "-" + erase->key + "\n";
      if (const auto* set = std::get_if<SetCells>(&change)) text += "~" + set->key + "\n";
    }
    return text;
  }

  const TemporaryFolder folder_;
};

}  // namespace weir::testing
