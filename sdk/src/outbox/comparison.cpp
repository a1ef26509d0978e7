#include "outbox/comparison.h"

#include <algorithm>
#include <utility>

namespace weir::outbox {
namespace {

constexpr std::size_t kFirstSlots = 1024;

}  // namespace

void Comparison::set_mirror(std::string_view key, const std::optional<std::string>& hash) {
  Entry& known = entry(hash_.of_text(key));
  known.in_mirror = true;
  known.in_doubt = !hash;
  if (hash) known.mirror = from_bytes(*hash);
}

void Comparison::forget_mirror() {
  for (Entry& known : entries_) known.in_mirror = false;
}

void Comparison::set_refused(std::string_view key, const std::string& hash) {
  refused_.emplace_back(hash_.of_text(key), from_bytes(hash));
}

Result<std::optional<std::int64_t>> Comparison::add(const Row& row) {
  Entry& known = entry(hash_.of_text(row.front()));
  if (known.number != 0) return std::optional<std::int64_t>(known.number);
  known.number = static_cast<std::uint32_t>(++rows_);
  known.row = hash_.of_row(row);
  if (known.in_mirror && !known.in_doubt && !is_same(known) &&
      known.mirror == unkeyed_fingerprint(row)) {
    known.mirror = known.row;
    gave_keys_ = true;
  }
  known.is_refused = std::find(refused_.begin(), refused_.end(), std::pair(known.key, known.row)) !=
                     refused_.end();
  known.has_cells = !known.is_refused && (keep_all_ || !is_same(known));
  if (known.has_cells) {
    if (Result<void> kept = cells_.add(row); !kept) return kept.error();
  }
  return std::optional<std::int64_t>();
}

bool Comparison::is_in_snapshot(std::string_view key) const {
  const Entry* known = find(key);
  return known != nullptr && known->number != 0;
}

bool Comparison::is_in_mirror(std::string_view key) const {
  const Entry* known = find(key);
  return known != nullptr && known->in_mirror;
}

std::optional<Fingerprint> Comparison::mirrored(std::string_view key) const {
  const Entry* known = find(key);
  if (known == nullptr || !known->in_mirror || known->in_doubt) return std::nullopt;
  return known->mirror;
}

bool Comparison::is_unchanged(std::string_view key) const {
  const Entry* known = find(key);
  return known != nullptr && known->number != 0 && is_same(*known);
}

bool Comparison::is_set_aside(std::string_view key) const {
  const Entry* known = find(key);
  return known != nullptr && known->number != 0 && known->is_refused && !is_same(*known);
}

Comparison::Counts Comparison::count() const {
  Counts counts{.rows = rows_};
  for (const Entry& known : entries_) {
    if (known.in_mirror) ++counts.mirror_rows;
    if (known.number == 0) {
      if (known.in_mirror) ++counts.gone;
    } else if (is_same(known)) {
      ++counts.unchanged;
    } else if (known.is_refused) {
      ++counts.set_aside;
    } else {
      ++counts.changed;
      if (known.in_mirror && !known.in_doubt) ++counts.updatable;
      if (!known.has_cells) counts.has_cells = false;
    }
  }
  return counts;
}

Fingerprint Comparison::sum() const {
  Fingerprint sum;
  for (const Entry& known : entries_) {
    if (known.number != 0) add_to(sum, known.row);
  }
  return sum;
}

const Comparison::Entry* Comparison::find(std::string_view key) const {
  if (slots_.empty()) return nullptr;
  const std::uint32_t number = slots_[slot_of(hash_.of_text(key))].number;
  return number == 0 ? nullptr : &entries_[number - 1];
}

Comparison::Entry& Comparison::entry(const Fingerprint& key) {
  if ((entries_.size() + 1) * 3 > slots_.size() * 2) grow();
  Slot& slot = slots_[slot_of(key)];
  if (slot.number == 0) {
    entries_.push_back({.key = key, .mirror = {}, .row = {}});
    slot = {.number = static_cast<std::uint32_t>(entries_.size()), .tag = tag_of(key)};
  }
  return entries_[slot.number - 1];
}

std::size_t Comparison::slot_of(const Fingerprint& key) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(key);
  std::size_t at = tag & mask;
  while (slots_[at].number != 0 &&
         (slots_[at].tag != tag || !(entries_[slots_[at].number - 1].key == key)))
    at = (at + 1) & mask;
  return at;
}

void Comparison::grow() {
  std::vector<Slot> grown(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  const std::size_t mask = grown.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.number == 0) continue;
    std::size_t at = slot.tag & mask;
    while (grown[at].number != 0) at = (at + 1) & mask;
    grown[at] = slot;
  }
  slots_ = std::move(grown);
}

}  // namespace weir::outbox
