// Names that the caller gives to things of the platform: data sources, forms, entries, files. Pure,
// thread-safe.
#pragma once

#include <weir/result.h>

#include <string>
#include <string_view>

namespace weir::text {

// kInvalidArgument: the name is empty or blank, or has control characters in it, as that of a
// variable that was not set, or of a line that ends in CR; or it is not UTF-8. `what` is such as
// "data source".
Result<void> check_name(std::string_view what, std::string_view name);

}  // namespace weir::text
