// The fingerprint by which the mirror remembers a row: 128 bits of XXH3 over the cells and their
// lengths.
//
// Not a cryptographic hash: it tells equal rows from different ones of the same customer, where a
// chance collision of two versions of one row is 2^-128. Pure, thread-safe.
#pragma once

#include <weir/row.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::outbox {

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const Fingerprint&) const = default;
};

Fingerprint fingerprint_of(const Row& row);
Fingerprint fingerprint_of(std::string_view key);

// Of bytes that come in pieces.
class PiecewiseFingerprint {
 public:
  PiecewiseFingerprint();
  void add(std::string_view bytes);
  Fingerprint value() const;

 private:
  struct State;
  struct Free {
    void operator()(State* state) const;
  };
  std::unique_ptr<State, Free> state_;
};

// The sum of fingerprints says what a set of rows is, in whatever order.
void add_to(Fingerprint& sum, const Fingerprint& added);

// 16 bytes, the same on every host (canonical form), and back.
std::string row_hash(const Row& row);
std::string to_bytes(const Fingerprint& fingerprint);
Fingerprint from_bytes(std::string_view bytes);

}  // namespace weir::outbox
