#include "store/identity.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "os/seen_calls.h"
#include "store/name_hash.h"

namespace weir::store {
namespace {

constexpr const char* kMadeAs = "made_as";
constexpr const char* kCopied = "copied";
constexpr const char* kOwner = "company_id";

std::optional<std::string> fact(Statements& sql, const std::string& name) {
  const auto lines = sql.run("SELECT value FROM facts WHERE name = $1", {name});
  if (lines.empty()) return std::nullopt;
  return lines.front().text(0);
}

void set_fact(Statements& sql, const std::string& name, const std::string& value) {
  sql.run(
      "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
      "excluded.value",
      {name, value});
}

std::int64_t calls_of(Statements& sql) {
  return sql.run("SELECT coalesce(max(id), 0) FROM calls").at(0).integer(0);
}

bool is_file(const std::string& location) { return location.find("://") == std::string::npos; }

struct Parts {
  std::string number = {};
  std::string made_at = {};  // of a file; empty where it is not known
  std::string machine = {};  // the same
};

Parts parts_of(const std::string& identity) {
  const std::size_t blank = std::min(identity.find(' '), identity.size());
  const std::size_t at = std::min(identity.find('@'), blank);
  Parts parts{.number = identity.substr(0, at), .machine = identity.substr(blank)};
  if (at < blank) parts.made_at = identity.substr(at, blank - at);
  if (parts.machine == " -") parts.machine.clear();
  return parts;
}

bool may_be_one(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() || one == other;
}

// What earlier versions kept of a file lacks its moment.
bool lacks_moment(const std::string& made_as, const std::string& now) {
  return parts_of(made_as).made_at.empty() && !parts_of(now).made_at.empty();
}

struct Known {
  std::optional<std::string> made_as = {};
  std::string is_now = {};
  bool is_new = false;
  bool is_copied = false;
  std::int64_t calls = 0;
};

Known look(Store& store, Statements& sql) {
  Known known{.made_as = fact(sql, kMadeAs), .is_now = store.identity(sql)};
  known.is_new = !known.made_as && !fact(sql, kOwner);
  known.is_copied = fact(sql, kCopied).has_value();
  known.calls = calls_of(sql);
  return known;
}

void note_copy(Statements& sql) {
  set_fact(sql, kCopied, "1");
  // outbox::Doubt::kPutBack
  sql.run(
      "UPDATE data_sources SET doubtful = 2, revision = revision + 1 WHERE mirror_complete <> 0");
}

}  // namespace

std::string identity_of_file(const std::string& number, const std::string& machine) {
  // Not the machine's id as it is, which is nobody else's business.
  return number + " " + (machine.empty() ? "-" : std::to_string(name_hash("weir " + machine)));
}

bool is_same(const std::string& identity, const std::string& other) {
  const Parts one = parts_of(identity);
  const Parts two = parts_of(other);
  return one.number == two.number && may_be_one(one.made_at, two.made_at) &&
         may_be_one(one.machine, two.machine);
}

Result<Recognized> recognize(Store& store, const std::string& location) {
  if (!store.identity) return Recognized{};
  // Before the store is: another process may note more meanwhile.
  const std::int64_t seen = is_file(location) ? os::seen_calls(location) : 0;
  const Result<Known> known =
      store.database->read([&](Statements& sql) -> Result<Known> { return look(store, sql); });
  if (!known) return known.error();
  // Also of a store that is a copy already: what it has sent since is forgotten.
  const bool is_older = !known->is_new && known->calls < seen;
  const bool is_moved = known->made_as && !is_same(*known->made_as, known->is_now);
  if (is_older || is_moved || !known->made_as || lacks_moment(*known->made_as, known->is_now)) {
    const Result<void> kept = store.database->write([&](Statements& sql) -> Result<void> {
      set_fact(sql, kMadeAs, known->is_now);
      if (is_older || is_moved) note_copy(sql);
      return {};
    });
    if (!kept) return kept.error();
  }
  if (is_file(location) && !store.is_trial) os::note_seen_calls(location, known->calls);
  return Recognized{.is_new = known->is_new,
                    .may_be_a_copy = known->is_copied || is_older || is_moved};
}

void note_calls(Store& store, const std::string& location) noexcept try {
  if (!store.identity || store.is_trial || !is_file(location)) return;
  const auto calls =
      store.database->read([](Statements& sql) -> Result<std::int64_t> { return calls_of(sql); });
  if (calls) os::note_seen_calls(location, *calls);
} catch (const std::exception&) {
  // No memory: then it is noted when the store is opened again.
}

Result<void> trust(Store& store) {
  return store.database->write([](Statements& sql) -> Result<void> {
    sql.run("DELETE FROM facts WHERE name = $1", {std::string(kCopied)});
    return {};
  });
}

}  // namespace weir::store
