// Snapshot: what the log holds of a source's rows now, against which a reading of the source is
// compared row by row.
//
// Only fingerprints are in memory, and of the reading only the rows that differ, packed; so a large
// table is compared in a fraction of its size. Not thread-safe.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rows/keyed_hash.h"
#include "sync/log_tables.h"

namespace weir::sync {

using Fingerprint = std::array<std::uint64_t, 2>;

// What tells two sets of rows apart, whatever their order.
struct Contents {
  std::int64_t rows = 0;
  Fingerprint sum = {};

  void add(const Fingerprint& row);
  bool operator==(const Contents&) const = default;
};

// New versions in one buffer each, of a few hundred kilobytes: small blocks by the thousand would
// stay with the process when they are freed.
class PackedVersions {
 public:
  void add(const NewVersion& version);
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  void for_each_group(const std::function<void(const std::vector<NewVersion>&)>& group) const;

 private:
  std::vector<std::string> buffers_;
  std::size_t count_ = 0;
};

class Snapshot {
 public:
  // `changed` is the edition in which the log's source changed last; `hash` must outlive it.
  Snapshot(Edition changed, std::int64_t source, const outbox::KeyedHash& hash)
      : source_changed_(changed), source_(source), hash_(&hash) {}
  Edition source_changed() const { return source_changed_; }

  // First what the log has, ...
  void add_current(const StoredVersion& version);
  void sort();

  // ... then each row of the reading. kInvalidArgument: its key came before.
  Result<void> compare(const Row& row, const Scope& scope);
  // Rows that did not come have ended. kInvalidArgument: two new rows have the same key.
  Result<void> finish();

  bool differs() const { return !changed_.empty() || !ended_.empty(); }
  // place is -1 for rows that are new in the source.
  const PackedVersions& changed() const { return changed_; }
  const std::vector<std::int64_t>& ended() const { return ended_; }
  const Contents& contents() const { return contents_; }
  // Rows that there were, and those of them that have ended or are another user's now.
  std::int64_t before() const { return static_cast<std::int64_t>(current_.size()); }
  std::int64_t gone() const { return gone_; }

 private:
  struct Current {
    Fingerprint key = {};
    Fingerprint content = {};
    std::uint64_t scope = 0;
    std::int64_t id = 0;
    std::int64_t place = 0;
    bool came = false;
  };

  Current* find(const Fingerprint& key);
  Fingerprint fingerprint_of(const std::string& text) const;

  Edition source_changed_ = 0;
  std::int64_t source_ = 0;
  const outbox::KeyedHash* hash_;
  std::vector<Current> current_;
  std::vector<Fingerprint> new_keys_;
  PackedVersions changed_;
  std::vector<std::int64_t> ended_;
  Contents contents_;
  std::int64_t gone_ = 0;
};

Fingerprint fingerprint(const std::string& hash);

}  // namespace weir::sync
