// RowVersions: the values that one row of a data source has had lately, so that a shadow which last
// sent the data source at some moment can tell whether the row is stale for it, and since when.
//
// Moments are the data source's change numbers. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rows/row_change.h"

namespace weir::pacing {

using outbox::ValueHash;

struct RowVersion {
  std::uint32_t change;  // the number of the change that made it; 0: before all
  ValueHash value;
  double since;  // seconds
};

// What a change of the row means to a shadow.
struct RowEffect {
  bool was_stale;
  bool is_stale;
  double stale_since;  // when it was stale before
};

class RowVersions {
 public:
  explicit RowVersions(ValueHash before) : versions_{{.change = 0, .value = before, .since = 0}} {}

  // Which version a shadow holds that last sent at change number `sent`. `hint` is where to start
  // looking.
  std::size_t held_at(std::uint32_t sent, std::size_t hint) const;

  // What it means to a shadow that holds version `held` when the row takes this value.
  RowEffect effect(std::size_t held, ValueHash after) const;

  void add(const RowVersion& version) { versions_.push_back(version); }

  // Forgets what nobody needs who last sent at change number `oldest` or later. True when no shadow
  // can find the row stale any more.
  bool forget_before(std::uint32_t oldest);

  // Of a row that changes all the time: keeps what the shadows hold that last sent at these change
  // numbers, and what came right after. When else the row was as one of them has it is forgotten.
  void keep_held(const std::vector<std::uint32_t>& sent);

  std::size_t size() const { return versions_.size(); }
  ValueHash current() const { return versions_.back().value; }

 private:
  std::vector<RowVersion> versions_;
};

}  // namespace weir::pacing
