#include "outbox/row_hash.h"

#include <xxhash.h>

#include <cstdint>
#include <memory>

namespace weir::outbox {

std::string row_hash(const Row& row) {
  // Lengths are part of it, so that ("ab","c") and ("a","bc") differ.
  std::string bytes;
  for (const std::string& cell : row) {
    const std::uint64_t length = cell.size();
    for (int shift = 0; shift < 64; shift += 8)
      bytes.push_back(static_cast<char>((length >> shift) & 0xFF));
    bytes += cell;
  }
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return std::string(reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest));
}

}  // namespace weir::outbox
