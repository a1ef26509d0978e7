// The value that a row has at its source, as a fingerprint: from what waits for its key, else from
// the mirror. Pure, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "outbox/coalesce.h"
#include "outbox/row_change.h"
#include "outbox/row_hash.h"

namespace weir::outbox {

ValueHash value_of(const Fingerprint& row);

ValueHash value_of(const std::optional<PendingChange>& waiting, const MirrorRow& mirror);

std::uint64_t short_key(const Fingerprint& key);

}  // namespace weir::outbox
