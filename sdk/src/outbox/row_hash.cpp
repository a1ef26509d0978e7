#include "outbox/row_hash.h"

#define XXH_STATIC_LINKING_ONLY  // the size of its state
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

Fingerprint fingerprint_of(const Row& row) {
  // Kept from row to row, so that no memory is asked for.
  thread_local std::string bytes;
  bytes.clear();
  for (const std::string& cell : row) {
    // Lengths are part of it, so that ("ab","c") and ("a","bc") differ.
    std::uint64_t length = cell.size();
    char digits[8];
    for (char& digit : digits) {
      digit = static_cast<char>(length & 0xFF);
      length >>= 8;
    }
    bytes.append(digits, sizeof(digits));
    bytes += cell;
  }
  return hash_of(bytes.data(), bytes.size());
}

Fingerprint fingerprint_of(std::string_view key) { return hash_of(key.data(), key.size()); }

struct PiecewiseFingerprint::State {
  XXH3_state_t hash;
};

void PiecewiseFingerprint::Free::operator()(State* state) const { delete state; }

PiecewiseFingerprint::PiecewiseFingerprint() : state_(new State) {
  XXH3_128bits_reset(&state_->hash);
}

void PiecewiseFingerprint::add(std::string_view bytes) {
  XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

Fingerprint PiecewiseFingerprint::value() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->hash);
  return {.high = hash.high64, .low = hash.low64};
}

void add_to(Fingerprint& sum, const Fingerprint& added) {
  sum.low += added.low;
  sum.high += added.high + (sum.low < added.low ? 1 : 0);
}

std::string row_hash(const Row& row) { return to_bytes(fingerprint_of(row)); }

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
