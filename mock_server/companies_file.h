// The file of --companies: a JSON object a line for each organization.
#pragma once

#include <string>
#include <vector>

#include "options.h"

namespace weir::mock {

// "ID:Col1,Col2". Throws WrongFlag, naming `place`, when it is no such text.
DataSourceOptions read_data_source(const std::string& place, const std::string& text);

// Throws WrongFlag when the file is not private to its owner, or a line of it is wrong.
std::vector<Company> read_companies(const std::string& path);

}  // namespace weir::mock
