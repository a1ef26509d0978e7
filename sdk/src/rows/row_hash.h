// Fingerprints: 128 bits of XXH3 over cells and their lengths.
//
// Without a key anybody can make two rows that have the same: what the mirror, the outbox and a
// comparison call equal has a key (keyed_hash.h). Pure, thread-safe.
#pragma once

#include <weir/row.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::outbox {

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const Fingerprint&) const = default;
};

// Appends the cells with their lengths, so that ("ab","c") and ("a","bc") differ.
void append_cells(std::string& bytes, const Row& row);

// Without a key: for what no stranger chooses, for what a mistake costs little, and for the rows
// that stores of before tables of version 22 have acknowledged.
Fingerprint unkeyed_fingerprint(const Row& row);
Fingerprint unkeyed_fingerprint(std::string_view text);
std::string unkeyed_hash(const Row& row);

// The sum of fingerprints says what a set of rows is, in whatever order.
void add_to(Fingerprint& sum, const Fingerprint& added);

// 16 bytes, the same on every host (canonical form), and back.
std::string to_bytes(const Fingerprint& fingerprint);
Fingerprint from_bytes(std::string_view bytes);

}  // namespace weir::outbox
