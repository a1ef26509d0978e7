#include "outbox/row_values.h"

#include "rows/cells_codec.h"

namespace weir::outbox {
namespace {

// A row that the platform has, whose cells nobody knows.
constexpr ValueHash kUnknown = 1;

ValueHash value_of(const MirrorRow& mirror) {
  if (mirror.presence == Presence::kAbsent) return 0;
  return mirror.presence == Presence::kUnknown ? kUnknown : value_of(from_bytes(mirror.hash));
}

}  // namespace

// Never 0, which is a row that is not there.
ValueHash value_of(const Fingerprint& row) { return row.low | 1; }

std::uint64_t short_key(std::string_view key) { return unkeyed_fingerprint(key).low; }

ValueHash value_of(const std::optional<PendingChange>& waiting, const MirrorRow& mirror,
                   const KeyedHash& hash) {
  if (!waiting) return value_of(mirror);
  switch (waiting->kind) {
    case ChangeKind::kUpsert:
      return value_of(hash.of_row(waiting->cells));
    case ChangeKind::kErase:
      return 0;
    case ChangeKind::kSetCells:
      return value_of(unkeyed_fingerprint(mirror.hash + encode_cells(waiting->cells)));
  }
  return kUnknown;
}

}  // namespace weir::outbox
