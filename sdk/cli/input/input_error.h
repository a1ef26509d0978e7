// Problems with what a customer's system hands over: they name the file and the line. Nothing was
// changed or sent.
#pragma once

#include <weir/error.h>

#include <cstddef>
#include <string>
#include <vector>

namespace weir::cli {

// Both may have foreign words in them: signs that steer a terminal become blanks.
Error input_error(const std::string& where, const std::string& problem);

// The name of a column, a member or the like, in quotes; as much of it as a person reads.
std::string shown_name(const std::string& name);

// The same for words that stand in rows: “like this”.
std::string shown_words(const std::string& words);

// Names one after the other: like, this; and “like, this”.
std::string plain_list(const std::vector<std::string>& names);
std::string shown_list(const std::vector<std::string>& names);

// "rows.csv, line 7"
std::string at_line(const std::string& file, std::size_t line);

// Of rows, --columns chooses and renames columns; of changes, only their file does.
enum class NamesAreOf { kRows, kChanges };

// What is wrong with the name of a column; empty when nothing is.
std::string column_name_problem(const std::string& name, NamesAreOf what = NamesAreOf::kRows);

// Where rows come from, as far as advice differs.
enum class RowsAreOf { kFile, kQuery };

// What helps against an error of the one who took a row.
Error with_advice(Error error, RowsAreOf what = RowsAreOf::kFile);

// Such an error, with the place of the row when it is the row's fault.
Error at_row(Error error, const std::string& where, RowsAreOf what = RowsAreOf::kFile);

}  // namespace weir::cli
