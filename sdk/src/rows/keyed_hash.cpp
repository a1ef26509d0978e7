#include "rows/keyed_hash.h"

#define XXH_STATIC_LINKING_ONLY  // the size of its state
#include <xxhash.h>

namespace weir::outbox {
namespace {

static_assert(KeyedHash::kSecretBytes >= XXH3_SECRET_SIZE_MIN);

void append(std::string& bytes, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
}

Fingerprint fingerprint_of(const XXH128_hash_t& hash) {
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace

Fingerprint KeyedHash::of_row(const Row& row, std::int64_t owner) const {
  // Kept from row to row, so that no memory is asked for.
  thread_local std::string bytes;
  bytes.clear();
  append(bytes, static_cast<std::uint64_t>(owner));
  append_cells(bytes, row);
  return of_text(bytes);
}

Fingerprint KeyedHash::of_text(std::string_view text) const {
  return fingerprint_of(
      XXH3_128bits_withSecret(text.data(), text.size(), secret_.data(), secret_.size()));
}

struct PiecewiseFingerprint::State {
  XXH3_state_t hash;
};

void PiecewiseFingerprint::Free::operator()(State* state) const { delete state; }

PiecewiseFingerprint::PiecewiseFingerprint(const KeyedHash& hash) : state_(new State) {
  XXH3_128bits_reset_withSecret(&state_->hash, hash.secret_.data(), hash.secret_.size());
}

void PiecewiseFingerprint::add(std::string_view bytes) {
  XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

Fingerprint PiecewiseFingerprint::value() const {
  return fingerprint_of(XXH3_128bits_digest(&state_->hash));
}

}  // namespace weir::outbox
