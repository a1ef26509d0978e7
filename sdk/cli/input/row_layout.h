// RowLayout: which columns of a file or query become the columns of the data source, in which
// order, and whose the rows are. A plain value without threads, as ToldColumns.
#pragma once

#include <weir/row_source.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "input/row_sources.h"

namespace weir::cli {

// What to say of a header that looks divided by another sign than by commas; empty where it does
// not, or where somebody has said what divides it.
std::string other_delimiter(const std::vector<std::string>& found, const TextFormat& format);

class RowLayout {
 public:
  // kInvalidArgument: an option names a column that is not among `found`; columns without a name,
  // or two of the same name. `where` is what messages call the file or query.
  static Result<RowLayout> make(const std::string& where, const std::vector<std::string>& found,
                                const RowSourceOptions& options);

  const std::vector<std::string>& columns() const { return columns_; }

  // Whether the row is among those that the query asks for.
  bool fits(const Row& cells, const RowQuery& query) const;

  // The row as the data source has it; uses `row` when the cells have to be put in order.
  const Row& arrange(const Row& cells, Row& row) const;

 private:
  std::vector<std::string> columns_ = {};
  std::vector<std::size_t> positions_ = {};  // where each column stands among the cells
  bool is_in_order_ = false;                 // each column stands where it has to be
  std::optional<std::size_t> user_ = {};
};

// The columns that whoever reads was told. The rows come by another opening of the file, or another
// run of the query: where somebody has replaced it in between, they would be laid over the columns
// of before.
class ToldColumns {
 public:
  void tell(const std::vector<std::string>& columns) { columns_ = columns; }

  // kInvalidArgument: the rows are about to come in others.
  Result<void> check(const std::string& where, const std::vector<std::string>& columns) const;

 private:
  std::optional<std::vector<std::string>> columns_ = {};
};

}  // namespace weir::cli
