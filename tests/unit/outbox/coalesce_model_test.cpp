// Any sequence of changes of a row, against a naive model that carries all of them out one by one:
// what coalescing leaves, applied once, brings the platform to the same row, and it is the least
// that does.
#include <gtest/gtest.h>
// After gtest.h, which it needs.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "outbox/coalesce.h"
#include "unit/outbox/test_key.h"

namespace weir::outbox {
namespace {

const std::vector<std::string> kColumns = {"id", "city", "status"};

// The row on the platform, and as its owner wants it.
using Value = std::optional<Row>;

struct Step {
  int what = 0;
  int city = 0;
  int status = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{" << step.what << "," << step.city << "," << step.status << "}";
}

rc::Gen<Step> a_step() {
  return rc::gen::build<Step>(rc::gen::set(&Step::what, rc::gen::inRange(0, 4)),
                              rc::gen::set(&Step::city, rc::gen::inRange(0, 2)),
                              rc::gen::set(&Step::status, rc::gen::inRange(0, 2)));
}

Row row_of(const Step& step) {
  return {"1", std::to_string(step.city), std::to_string(step.status)};
}

Change change_of(const Step& step) {
  const CellUpdate city{.column = "city", .value = std::to_string(step.city)};
  const CellUpdate status{.column = "status", .value = std::to_string(step.status)};
  switch (step.what) {
    case 0:
      return Upsert{row_of(step)};
    case 1:
      return Erase{"1"};
    case 2:
      return SetCells{"1", {status}};
    default:
      return SetCells{"1", {status, city}};
  }
}

// One after the other, as the platform would.
void carry_out(Value& value, const Change& change) {
  if (const auto* upsert = std::get_if<Upsert>(&change)) value = upsert->row;
  if (std::holds_alternative<Erase>(change)) value.reset();
  if (const auto* set = std::get_if<SetCells>(&change); set != nullptr && value) {
    for (const CellUpdate& cell : set->cells) (*value)[cell.column == "city" ? 1 : 2] = cell.value;
  }
}

void carry_out(Value& value, const PendingChange& change) {
  if (change.kind == ChangeKind::kUpsert) value = change.cells;
  if (change.kind == ChangeKind::kErase) value.reset();
  if (change.kind != ChangeKind::kSetCells) return;
  RC_ASSERT(value.has_value());
  for (std::size_t i = 0; i < change.cells.size(); i += 2)
    (*value)[change.cells[i] == "city" ? 1 : 2] = change.cells[i + 1];
}

MirrorRow mirror_of(const Value& platform, bool is_known) {
  if (!is_known) return {.presence = Presence::kUnknown};
  if (!platform) return {.presence = Presence::kAbsent};
  return {.presence = Presence::kPresent, .hash = kTestKey.of(*platform)};
}

// A cell update is refused, with nothing lost, exactly where there is no row that it could change.
RC_GTEST_PROP(CoalesceModel, LeavesTheSameRowAsAllChangesOneByOne, ()) {
  const auto start = *rc::gen::maybe(rc::gen::map(a_step(), row_of));
  const Value before = start ? Value(*start) : Value();
  const bool is_known = *rc::gen::arbitrary<bool>();
  const auto steps = *rc::gen::container<std::vector<Step>>(a_step());
  const MirrorRow mirror = mirror_of(before, is_known);
  Value wanted = before;
  std::optional<PendingChange> waiting;
  bool is_told = false;  // whether a whole row or a delete was handed over
  for (const Step& step : steps) {
    const Change change = change_of(step);
    const bool is_set = std::holds_alternative<SetCells>(change);
    if (is_set && !is_known && !is_told && !wanted) continue;  // nobody could tell
    const auto after = coalesce(waiting, mirror, change, kColumns, kTestKey);
    RC_ASSERT(after.has_value() == (!is_set || wanted.has_value()));
    if (!after) continue;
    waiting = *after;
    is_told = is_told || !is_set;
    carry_out(wanted, change);
  }
  Value platform = before;
  if (waiting) carry_out(platform, *waiting);
  RC_ASSERT(platform == wanted);
  const bool only_sets = waiting && waiting->kind == ChangeKind::kSetCells;
  if (is_known && !only_sets) RC_ASSERT(waiting.has_value() == (wanted != before));
}

}  // namespace
}  // namespace weir::outbox
