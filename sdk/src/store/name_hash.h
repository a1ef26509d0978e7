// The number of a name (FNV-1a, 64 bits), the same in every build and on every host: what names a
// lock where only numbers can.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::store {

constexpr std::uint64_t name_hash(std::string_view name) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace weir::store
