// Problems with what a customer's system hands over: they name the file and the line. Nothing was
// changed or sent.
#pragma once

#include <weir/error.h>

#include <cstddef>
#include <string>

namespace weir::cli {

Error input_error(const std::string& where, const std::string& problem);

// "rows.csv, line 7"
std::string at_line(const std::string& file, std::size_t line);

// What is wrong with the name of a column; empty when nothing is.
std::string column_name_problem(const std::string& name);

// Where rows come from, as far as advice differs.
enum class RowsAreOf { kFile, kQuery };

// An error of the one who took a row, with the place of the row when it is the row's fault.
Error at_row(Error error, const std::string& where, RowsAreOf what = RowsAreOf::kFile);

}  // namespace weir::cli
