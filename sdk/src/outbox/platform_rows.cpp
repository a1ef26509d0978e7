// What was read from the platform, and the part of the outbox that takes it as the mirror.
#include "outbox/platform_rows.h"

#include <unordered_set>
#include <utility>

#include "outbox/outbox.h"
#include "outbox/tables.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

// Keys by which somebody has chosen them must not be taken for one another.
using Numbers = std::unordered_set<std::uint64_t>;

std::uint64_t number_of(const KeyedHash& hash, const std::string& key) {
  return hash.of_text(key).low;
}

// What the mirror has and the platform has not.
std::vector<std::string> rows_gone(Statements& sql, const std::string& source, const Numbers& there,
                                   const KeyedHash& hash) {
  std::vector<std::string> gone;
  sql.for_each("SELECT row_key FROM mirror WHERE source = $1", {source}, [&](const SqlRow& line) {
    if (!there.contains(number_of(hash, line.text(0)))) gone.push_back(line.text(0));
  });
  return gone;
}

// Whether rows that the mirror lacks are not on the platform, and no replace will come over all.
bool mirror_counts(const SourceState& state) {
  return state.mirror_complete && !state.replace_next;
}

}  // namespace

Result<void> PlatformRows::add(const Row& row) {
  return rows_.add({row.front(), hash_.of(row), unkeyed_hash(row)});
}

void PlatformRows::for_each(
    const std::function<void(const std::string& key, const std::string& hash,
                             const std::string& unkeyed)>& take) const {
  rows_.for_each([&](const std::vector<std::string>& row) { take(row[0], row[1], row[2]); });
}

Result<void> Outbox::adopt(const std::string& source, const std::vector<std::string>& columns,
                           const PlatformRows& rows) {
  return database_.add([&](Statements& sql) -> Result<void> {
    clear_mirror(sql, source);
    rows.for_each([&](const std::string& key, const std::string& hash, const std::string&) {
      set_mirror_hash(sql, source, key, hash);
    });
    save_source(sql, source,
                {.columns = columns,
                 .cells_per_row = static_cast<std::int64_t>(columns.size()),
                 .mirror_complete = true,
                 .replace_next = false});
    note_change(sql, source);
    return {};
  });
}

Result<std::int64_t> Outbox::correct(const std::string& source, const PlatformRows& rows) {
  return database_.write([&](Statements& sql) -> Result<std::int64_t> {
    SourceState state = load_source(sql, source);
    if (!mirror_counts(state)) return std::int64_t{0};
    std::int64_t changed = 0;
    std::int64_t in_doubt = 0;
    Numbers there;
    const auto note = [&](const std::string& key, const std::optional<std::string>& hash,
                          const std::optional<std::string>& unkeyed) {
      const MirrorRow known = mirror_row(sql, source, state, key);
      const bool is_there = known.presence == Presence::kPresent;
      if (is_there && known.hash == hash) return;
      if (is_there && known.hash == unkeyed) return set_mirror_hash(sql, source, key, hash);
      ++(known.presence == Presence::kUnknown ? in_doubt : changed);
      hash ? set_mirror_hash(sql, source, key, hash) : remove_mirror_row(sql, source, key);
    };
    rows.for_each([&](const std::string& key, const std::string& hash, const std::string& unkeyed) {
      if (there.insert(number_of(this->hash(sql), key)).second) note(key, hash, unkeyed);
    });
    const std::vector<std::string> gone = rows_gone(sql, source, there, this->hash(sql));
    for (const std::string& key : gone) note(key, std::nullopt, std::nullopt);
    const Doubt before = std::exchange(state.doubt, Doubt::kNone);
    if (changed + in_doubt == 0 && before == Doubt::kNone) return changed;
    save_source(sql, source, state);
    note_change(sql, source);
    return changed;
  });
}

Result<std::int64_t> Outbox::revision(const std::string& source) {
  return database_.read(
      [&](Statements& sql) -> Result<std::int64_t> { return load_source(sql, source).revision; });
}

Result<bool> Outbox::compare_count(const std::string& source, std::int64_t rows,
                                   std::int64_t revision) {
  return database_.write([&](Statements& sql) -> Result<bool> {
    SourceState state = load_source(sql, source);
    if (!mirror_counts(state) || state.is_doubtful() || state.revision != revision) return false;
    const auto counted =
        sql.run("SELECT count(*), count(hash) FROM mirror WHERE source = $1", {source});
    const bool has_doubt = counted.at(0).integer(0) != counted.at(0).integer(1);
    if (has_doubt || counted.at(0).integer(0) == rows) return false;
    state.doubt = Doubt::kOthers;
    save_source(sql, source, state);
    note_change(sql, source);
    return true;
  });
}

Result<void> Outbox::forget_rows(const std::string& source, bool and_columns) {
  return database_.write([&](Statements& sql) -> Result<void> {
    SourceState state = load_source(sql, source);
    clear_mirror(sql, source);
    state.mirror_complete = false;
    state.doubt = Doubt::kNone;
    if (and_columns) {
      state.columns.clear();
      state.columns_of_apply = false;
      state.cells_per_row.reset();
    }
    save_source(sql, source, state);
    note_change(sql, source);
    return {};
  });
}

}  // namespace weir::outbox
