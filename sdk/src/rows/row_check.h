// Checks of what a customer's system hands over, before anything is kept. Pure functions,
// thread-safe.
#pragma once

#include <weir/row.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::outbox {

// The byte at which valid UTF-8 ends; empty when all of it is valid. A NUL counts as invalid:
// stores cannot keep it.
std::optional<std::size_t> first_invalid_byte(std::string_view text);

// What is wrong with a row as it stands; empty when nothing is.
std::optional<std::string> row_problem(const Row& row);

// The same for a key alone. One of blanks is no key of a new row, but its row can be deleted.
std::optional<std::string> key_problem(std::string_view key);

// The same for the name of a column, as a sentence goes on after "column 2".
std::optional<std::string> column_name_problem(std::string_view name);

// The same for all names together, as a sentence that begins with the column.
std::optional<std::string> column_names_problem(const std::vector<std::string>& names);

}  // namespace weir::outbox
