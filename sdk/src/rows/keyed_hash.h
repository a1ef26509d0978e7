// KeyedHash: the fingerprint of a row under a secret, 128 bits of XXH3: nobody who does not know
// the secret can make two rows that have the same. Each store has secrets of its own, one for the
// outbox and one for Platform Sync. Thread-safe.
#pragma once

#include <weir/row.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "rows/row_hash.h"

namespace weir::outbox {

class KeyedHash {
 public:
  static constexpr std::size_t kSecretBytes = 192;

  // `secret`: so many random bytes.
  explicit KeyedHash(std::string secret) : secret_(std::move(secret)) {}

  // What has another owner, such as another data source, has another fingerprint.
  Fingerprint of_row(const Row& row, std::int64_t owner = 0) const;
  // Of a key, or any other text as it is.
  Fingerprint of_text(std::string_view text) const;

  // The same as 16 bytes.
  std::string of(std::int64_t owner, const Row& row) const { return to_bytes(of_row(row, owner)); }
  std::string of(const Row& row) const { return to_bytes(of_row(row)); }
  std::string of(std::string_view text) const { return of(0, {std::string(text)}); }

 private:
  friend class PiecewiseFingerprint;

  std::string secret_;
};

// Of bytes that come in pieces. The hash must outlive it.
class PiecewiseFingerprint {
 public:
  explicit PiecewiseFingerprint(const KeyedHash& hash);
  void add(std::string_view bytes);
  Fingerprint value() const;

 private:
  struct State;
  struct Free {
    void operator()(State* state) const;
  };
  std::unique_ptr<State, Free> state_;
};

}  // namespace weir::outbox
