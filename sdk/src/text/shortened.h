// A text that is no longer than so many bytes, cut between two letters of UTF-8. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string>

namespace weir::text {

std::string shortened(std::string text, std::size_t most_bytes);

}  // namespace weir::text
