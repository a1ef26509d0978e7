#include <algorithm>

#include "input/ndjson_reader.h"
#include "input/table.h"

namespace weir::cli {
namespace {

Result<Row> row_of(const Record& record, const std::vector<std::string>& columns,
                   const std::string& where) {
  Row row(columns.size());
  for (const auto& [name, value] : record) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end())
      return input_error(where, "member '" + name + "' is not in the first record");
    row[static_cast<std::size_t>(found - columns.begin())] = value.value_or("");
  }
  return row;
}

}  // namespace

Result<Table> read_ndjson(const std::string& path) {
  Result<NdjsonReader> reader = NdjsonReader::open(path);
  if (!reader) return reader.error();
  Table table{.name = path};
  Record record;
  Result<bool> more = false;
  while ((more = reader->next(record)) && *more && table.rows.size() < kMostRows) {
    if (table.columns.empty()) {
      for (const auto& [name, value] : record) table.columns.push_back(name);
    }
    Result<Row> row = row_of(record, table.columns, at_line(path, reader->line()));
    if (!row) return row.error();
    table.rows.push_back(std::move(*row));
    table.lines.push_back(reader->line());
  }
  if (!more) return more.error();
  if (table.columns.empty()) return input_error(path, "the file has no records");
  return table;
}

}  // namespace weir::cli
