// The tables of the store, and the number of their version.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::store {

// Raised with every change of the tables; a store with a higher number is refused.
inline constexpr std::int64_t kSchemaVersion = 1;

// Marks the file as a store of Weir ("Weir" in ASCII).
inline constexpr std::int64_t kApplicationId = 0x57656972;

// The statements that create the tables of kSchemaVersion in an empty database.
std::span<const std::string_view> schema();

}  // namespace weir::store
