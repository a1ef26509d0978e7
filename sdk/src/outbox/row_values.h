// The value that a row has at its source, as a fingerprint: from what waits for its key, else from
// the mirror. Pure, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "outbox/coalesce.h"
#include "rows/keyed_hash.h"
#include "rows/row_change.h"

namespace weir::outbox {

ValueHash value_of(const Fingerprint& row);

ValueHash value_of(const std::optional<PendingChange>& waiting, const MirrorRow& mirror,
                   const KeyedHash& hash);

// Two keys with the same one cost a worse price, and no row.
std::uint64_t short_key(std::string_view key);

}  // namespace weir::outbox
