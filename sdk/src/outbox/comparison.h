// Comparison: a snapshot against the mirror, row by row as it is read, in bounded memory.
//
// Of every row it keeps 64 bytes and some for finding it: the fingerprints of its key, of the row,
// and of what the mirror has. The cells of the rows that will have to be sent go to a temporary
// file of this process that has no name. Keys are told apart by their fingerprint of 128 bits. Not
// thread-safe.
//
// Fingerprints have a key. A row that a store of before has acknowledged without one is compared
// without one, once: from then on the mirror has the fingerprint with the key.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "outbox/spool.h"
#include "rows/keyed_hash.h"

namespace weir::outbox {

class Comparison {
 public:
  // keep_all: the cells of every row are kept, as for a replace.
  // The hash must outlive it.
  Comparison(bool keep_all, const KeyedHash& hash) : keep_all_(keep_all), hash_(hash) {}

  // What the mirror says; without a hash, the platform's row is in doubt.
  void set_mirror(std::string_view key, const std::optional<std::string>& hash);
  // Forgets that, to be told anew.
  void forget_mirror();

  // The platform has refused just this row for good, so it is set aside.
  void set_refused(std::string_view key, const std::string& hash);

  // Takes the next row of the snapshot. Returns the number, from 1, of an earlier row with its key.
  Result<std::optional<std::int64_t>> add(const Row& row);

  bool is_in_snapshot(std::string_view key) const;
  bool is_in_mirror(std::string_view key) const;
  // What the mirror says of a row; empty when it lacks it, or is in doubt of it.
  std::optional<Fingerprint> mirrored(std::string_view key) const;
  // The platform has the row just so.
  bool is_unchanged(std::string_view key) const;
  bool is_set_aside(std::string_view key) const;

  struct Counts {
    std::int64_t rows = 0;
    std::int64_t mirror_rows = 0;
    std::int64_t changed = 0;    // rows to insert or replace
    std::int64_t updatable = 0;  // those of them that the platform is known to have
    std::int64_t unchanged = 0;
    std::int64_t set_aside = 0;
    std::int64_t gone = 0;  // rows of the mirror that the snapshot lacks
    // The cells of all rows to send are at hand: false when the mirror changed meanwhile.
    bool has_cells = true;
  };
  Counts count() const;

  // Whether some row was known without a key; mirrored() says what it has with one.
  bool gave_keys() const { return gave_keys_; }

  std::int64_t count_of_rows() const { return rows_; }

  // Of the fingerprints of the snapshot's rows.
  Fingerprint sum() const;

  // The rows whose cells are kept, in the order of the snapshot. A failure of the file is thrown as
  // StoreFailure.
  void for_each_kept(const std::function<void(const Row&)>& row) const { cells_.for_each(row); }

 private:
  struct Entry {
    Fingerprint key;
    Fingerprint mirror;
    Fingerprint row;
    std::uint32_t number = 0;  // in the snapshot, from 1; 0: not in it
    bool in_mirror = false;
    bool in_doubt = false;
    bool has_cells = false;
    bool is_refused = false;
  };
  static bool is_same(const Entry& entry) {
    return entry.in_mirror && !entry.in_doubt && entry.mirror == entry.row;
  }
  const Entry* find(std::string_view key) const;
  Entry& entry(const Fingerprint& key);
  // Tells almost all keys apart without a look at their entries, which are elsewhere in memory.
  struct Slot {
    std::uint32_t number = 0;  // of the entry, from 1; 0: free
    std::uint32_t tag = 0;     // a part of its key, by which the slot was found too
  };
  static std::uint32_t tag_of(const Fingerprint& key) {
    return static_cast<std::uint32_t>(key.low);
  }
  std::size_t slot_of(const Fingerprint& key) const;
  void grow();

  const bool keep_all_;
  const KeyedHash& hash_;
  bool gave_keys_ = false;
  std::deque<Entry> entries_;  // in chunks, so that growing copies nothing
  std::vector<Slot> slots_;    // open addressing
  std::int64_t rows_ = 0;
  std::vector<std::pair<Fingerprint, Fingerprint>> refused_;  // key and row, few
  Spool cells_;
};

}  // namespace weir::outbox
