// Random bytes of the system, which nobody can guess. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::os {

std::string random_bytes(std::size_t count);
std::uint64_t random_number();

}  // namespace weir::os
