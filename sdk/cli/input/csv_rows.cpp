#include <set>

#include "input/csv_reader.h"
#include "input/table.h"

namespace weir::cli {
namespace {

Result<void> check_columns(const std::string& path, const std::vector<std::string>& columns) {
  std::set<std::string> seen;
  for (const std::string& column : columns) {
    if (column.empty()) return input_error(at_line(path, 1), "a column has no name");
    if (!seen.insert(column).second)
      return input_error(at_line(path, 1), "column '" + column + "' comes twice");
  }
  if (columns.size() < 2)
    return input_error(at_line(path, 1), "a data source needs a key and at least one more column");
  return {};
}

}  // namespace

Result<Table> read_csv(const std::string& path) {
  Result<CsvReader> reader = CsvReader::open(path);
  if (!reader) return reader.error();
  Table table{.name = path};
  Result<bool> more = reader->next(table.columns);
  if (!more) return more.error();
  if (!*more) return input_error(path, "the file is empty; its first line must name the columns");
  if (Result<void> usable = check_columns(path, table.columns); !usable) return usable.error();
  Row row;
  while ((more = reader->next(row)) && *more && table.rows.size() < kMostRows) {
    if (row.size() != table.columns.size()) {
      return input_error(at_line(path, reader->line()),
                         "the row has " + std::to_string(row.size()) +
                             " cells, but the header has " + std::to_string(table.columns.size()));
    }
    table.lines.push_back(reader->line());
    table.rows.push_back(row);
  }
  if (!more) return more.error();
  return table;
}

}  // namespace weir::cli
