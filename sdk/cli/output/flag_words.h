// Messages of the SDK in the words of the command: where they name an option, its flag. Pure
// functions.
#pragma once

#include <string>

namespace weir::cli {

// "set PublishOptions::allow_empty" becomes "give --allow-empty".
std::string with_flags(std::string message);

}  // namespace weir::cli
