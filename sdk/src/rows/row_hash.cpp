#include "rows/row_hash.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace weir::outbox {
namespace {

Fingerprint hash_of(const void* bytes, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(bytes, size);
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace

void append_cells(std::string& bytes, const Row& row) {
  std::size_t more = 0;
  for (const std::string& cell : row) more += sizeof(std::uint64_t) + cell.size();
  const std::size_t before = bytes.size();
  bytes.resize(before + more);
  char* at = bytes.data() + before;
  for (const std::string& cell : row) {
    for (std::uint64_t length = cell.size(), i = 0; i < sizeof(length); ++i, length >>= 8)
      *at++ = static_cast<char>(length & 0xFF);
    at = std::copy(cell.begin(), cell.end(), at);
  }
}

Fingerprint unkeyed_fingerprint(const Row& row) {
  // Kept from row to row, so that no memory is asked for.
  thread_local std::string bytes;
  bytes.clear();
  append_cells(bytes, row);
  return hash_of(bytes.data(), bytes.size());
}

Fingerprint unkeyed_fingerprint(std::string_view text) { return hash_of(text.data(), text.size()); }

std::string unkeyed_hash(const Row& row) { return to_bytes(unkeyed_fingerprint(row)); }

void add_to(Fingerprint& sum, const Fingerprint& added) {
  sum.low += added.low;
  sum.high += added.high + (sum.low < added.low ? 1 : 0);
}

std::string to_bytes(const Fingerprint& fingerprint) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, {.low64 = fingerprint.low, .high64 = fingerprint.high});
  return std::string(reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest));
}

Fingerprint from_bytes(std::string_view bytes) {
  XXH128_canonical_t canonical = {};
  std::memcpy(canonical.digest, bytes.data(), std::min(bytes.size(), sizeof(canonical.digest)));
  const XXH128_hash_t hash = XXH128_hashFromCanonical(&canonical);
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace weir::outbox
