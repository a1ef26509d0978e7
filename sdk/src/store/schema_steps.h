// The tables of the store, as the statements that lead to each of their versions. A step is never
// changed once it was released: a change of the tables is a step of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::store {

// The first makes version 1 of an empty database.
std::span<const std::span<const std::string_view>> schema_steps();

// The version that has a secret for rows, which is not in a statement.
inline constexpr std::int64_t kVersionOfRowSecret = 22;

}  // namespace weir::store
