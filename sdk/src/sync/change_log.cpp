#include "sync/change_log.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "os/random.h"

namespace weir::sync {
namespace {

using store::Statements;

// Old versions are looked for this often: a minute more or less of a retention of days is nothing.
constexpr Milliseconds kForgetEvery = std::chrono::minutes{1};
// Much less than any retention that people set.
constexpr Milliseconds kNoteServedEvery = std::chrono::hours{1};
// A clock that was set back less than that gives no name again after a start anew.
constexpr Edition kNoSecondsAfterStart = 24 * 60 * 60;
// More are not kept, however long the retention: their names are in memory.
constexpr std::int64_t kMostEditions = 500'000;

Edition seconds_of(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

bool is_before(const NamedEdition& known, Edition edition) { return known.edition < edition; }

struct KnownRow {
  std::string hash;
  std::string cells;
};

bool contains(const Scopes& scopes, const Scope& scope) {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

// A user's rows before and after, of those that may differ.
class Comparison {
 public:
  Comparison(Statements& sql, const Views& views) {
    for (const Scope& scope : views.scopes_then) {
      const Span span = span_of(views, scope);
      for_each_ended(sql, span, was());
      if (!contains(views.scopes_now, scope)) for_each_lost(sql, span, was());
    }
    for (const Scope& scope : views.scopes_now) {
      const Span span = span_of(views, scope);
      for_each_begun(sql, span, is());
      if (!contains(views.scopes_then, scope)) for_each_gained(sql, span, is());
    }
  }

  Difference result() && {
    Difference difference;
    for (const std::string& key : order_) {
      KnownRow& row = is_.at(key);
      const auto before = was_.find(key);
      if (before == was_.end() || before->second != row.hash)
        difference.new_rows.push_back(std::move(row.cells));
    }
    for (const auto& [key, hash] : was_) {
      if (!is_.contains(key)) difference.deleted_keys.push_back(key);
    }
    std::sort(difference.deleted_keys.begin(), difference.deleted_keys.end());
    return difference;
  }

 private:
  static Span span_of(const Views& views, const Scope& scope) {
    return {.source = views.source, .scope = scope, .then = views.then.edition, .now = views.now};
  }
  EndedRow was() {
    return [this](const std::string& key, const std::string& hash) { was_[key] = hash; };
  }
  BegunRow is() {
    return [this](const std::string& key, const std::string& hash, const std::string& cells) {
      if (is_.emplace(key, KnownRow{hash, cells}).second) order_.push_back(key);
    };
  }

  std::unordered_map<std::string, std::string> was_;  // key to hash
  std::unordered_map<std::string, KnownRow> is_;
  std::vector<std::string> order_;
};

// A store of before has fingerprints without a secret; its rows are forgotten, so each device gets
// all rows once.
std::string secret_of(Statements& sql) {
  if (const std::optional<std::string> known = known_secret(sql)) return *known;
  std::string secret = os::random_bytes(outbox::KeyedHash::kSecretBytes);
  forget_everything(sql);
  set_secret(sql, secret);
  return secret;
}

}  // namespace

ChangeLog::ChangeLog(store::Database& database, std::shared_ptr<Clock> clock,
                     std::chrono::seconds retention, outbox::KeyedHash hash)
    : database_(database),
      clock_(std::move(clock)),
      retention_(retention),
      hash_(std::move(hash)),
      opened_(seconds_of(std::chrono::ceil<std::chrono::seconds>(clock_->now()))) {}

Result<std::unique_ptr<ChangeLog>> ChangeLog::open(store::Database& database,
                                                   std::shared_ptr<Clock> clock,
                                                   std::chrono::seconds retention) {
  Result<std::string> secret =
      database.write([&](Statements& sql) -> Result<std::string> { return secret_of(sql); });
  if (!secret) return secret.error();
  std::unique_ptr<ChangeLog> log(
      new ChangeLog(database, std::move(clock), retention, outbox::KeyedHash(std::move(*secret))));
  if (Result<void> read = log->look_again(); !read) return read.error();
  if (log->head().newest.edition == 0) {
    const TimePoint now = log->clock_->now();
    log->clock_->wait(std::chrono::ceil<std::chrono::seconds>(now) - now, {});
  }
  return log;
}

Result<SourceLine> ChangeLog::open_source(const std::string& id, const std::string& rule) {
  Result<SourceLine> opened = database_.write([&](Statements& sql) -> Result<SourceLine> {
    std::optional<SourceLine> line = find_source(sql, id, rule);
    if (!line) line = begin_source(sql, id, rule, newest_edition(sql) + 1);
    set_served(sql, line->number, second_now());
    return *line;
  });
  if (!opened) return opened;
  const std::lock_guard lock(mutex_);
  serves_.insert(opened->number);
  return opened;
}

Milliseconds ChangeLog::note_every() const {
  return std::min<Milliseconds>(kNoteServedEvery, retention_ / 4);
}

// What fails is done the next time: nobody's question depends on it.
void ChangeLog::note_served() {
  const Milliseconds steady = clock_->steady_now();
  Milliseconds::rep at = note_served_at_;
  const Milliseconds next = steady + note_every();
  if (steady.count() < at || !note_served_at_.compare_exchange_strong(at, next.count())) return;
  const std::lock_guard alone(writing_);
  const Head known = head();
  Found found;
  bool has_ended = false;
  const auto note = [&](Statements& sql) -> Result<void> {
    const Edition now = second_now();
    for (const std::int64_t source : served()) set_served(sql, source, now);
    const auto unserved = unserved_sources(sql, now - retention_.count(), now);
    has_ended = !unserved.empty();
    if (has_ended) {
      const Edition edition = begin_edition(sql).edition;
      for (const std::int64_t source : unserved) {
        end_source(sql, source, edition);
        set_changed(sql, source, edition);
      }
    }
    forget_old(sql);
    found = look(sql, known);
    return {};
  };
  if (database_.write(note)) remember(found, has_ended);
}

std::set<std::int64_t> ChangeLog::served() const {
  const std::lock_guard lock(mutex_);
  return serves_;
}

Result<SourceLine> ChangeLog::source(std::int64_t number) {
  const Head known = head();
  Found found;
  Result<SourceLine> line = database_.read([&](Statements& sql) -> Result<SourceLine> {
    found = look(sql, known);
    return source_line(sql, number);
  });
  if (line) remember(found, false);
  return line;
}

ChangeLog::Head ChangeLog::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

std::optional<NamedEdition> ChangeLog::named(Edition name) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return NamedEdition{.edition = found->second, .name = name};
}

Edition ChangeLog::name_of(Edition edition) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::lower_bound(editions_.begin(), editions_.end(), edition, is_before);
  return found != editions_.end() && found->edition == edition ? found->name : edition;
}

Result<void> ChangeLog::look_again() {
  const Head known = head();
  Result<Found> found =
      database_.read([&](Statements& sql) -> Result<Found> { return look(sql, known); });
  if (!found) return found.error();
  remember(*found, false);
  return {};
}

ChangeLog::Found ChangeLog::look(Statements& sql, const Head& known) {
  Found found{.stores = known.stores};
  found.is_another_store = known.newest.edition != 0 && !has_edition(sql, known.newest);
  found.later = editions_after(sql, found.is_another_store ? 0 : known.newest.edition);
  found.oldest = oldest_edition(sql);
  return found;
}

void ChangeLog::remember(const Found& found, bool with_ours) {
  const std::lock_guard lock(mutex_);
  if (found.stores != head_.stores) return;  // another thread has found another store since
  if (found.is_another_store) {
    editions_.clear();
    by_name_.clear();
    head_.newest = {};
    ++head_.stores;
  }
  const auto first =
      std::lower_bound(found.later.begin(), found.later.end(), head_.newest.edition + 1, is_before);
  if (found.later.end() - first > (with_ours ? 1 : 0)) ++head_.foreign;
  for (auto edition = first; edition != found.later.end(); ++edition) {
    editions_.push_back(*edition);
    by_name_.insert_or_assign(edition->name, edition->edition);
    head_.newest = *edition;
  }
  const auto kept = std::lower_bound(editions_.begin(), editions_.end(), found.oldest, is_before);
  for (auto edition = editions_.begin(); edition != kept; ++edition) by_name_.erase(edition->name);
  editions_.erase(editions_.begin(), kept);
}

Result<Snapshot> ChangeLog::current(std::int64_t source, const std::optional<Scope>& scope) {
  return database_.read([&](Statements& sql) -> Result<Snapshot> {
    Snapshot snapshot(source_line(sql, source).changed, source, hash_);
    for_each_current(sql, source, scope,
                     [&](const StoredVersion& version) { snapshot.add_current(version); });
    snapshot.sort();
    return snapshot;
  });
}

// Its name is any until it is told.
NamedEdition ChangeLog::begin_edition(Statements& sql) const {
  const Edition now = second_now();
  NamedEdition begun{.edition = std::max(now, newest_edition(sql) + 1)};
  do {
    begun.name = any_name(os::random_number());
  } while (is_name(sql, begun.name));
  add_edition(sql, begun, now);
  return begun;
}

Edition ChangeLog::second_now() const {
  return seconds_of(std::chrono::floor<std::chrono::seconds>(clock_->now()));
}

Result<std::optional<NamedEdition>> ChangeLog::name_by_clock() {
  if (!may_name(second_now())) return std::optional<NamedEdition>();
  const std::lock_guard alone(writing_);
  const Edition now = second_now();
  if (!may_name(now)) return std::optional<NamedEdition>();
  const Head known = head();
  Found found;
  Result<std::optional<NamedEdition>> named =
      database_.write([&](Statements& sql) -> Result<std::optional<NamedEdition>> {
        found.newest_second = newest_second(sql);
        if (now <= found.newest_second) return std::optional<NamedEdition>();
        const NamedEdition edition{.edition = std::max(now, newest_edition(sql) + 1), .name = now};
        set_newest_second(sql, now);
        add_edition(sql, edition, now);
        found = look(sql, known);
        return std::optional(edition);
      });
  if (!named) return named;
  if (*named) remember(found, true);
  const std::lock_guard lock(mutex_);
  newest_second_ = std::max(newest_second_, *named ? now : found.newest_second);
  return named;
}

// The second has been given by nobody as far as is known here, nor by a store that was lost.
bool ChangeLog::may_name(Edition second) const {
  const std::lock_guard lock(mutex_);
  return is_any_name(head_.newest.name) && second >= opened_ && second > newest_second_;
}

Result<std::optional<Edition>> ChangeLog::change(std::int64_t source, Edition seen,
                                                 const Write& write) {
  // One at a time, so that each learns of its own edition and of no other thread's.
  const std::lock_guard alone(writing_);
  const Head known = head();
  Found found;
  Result<std::optional<Edition>> written =
      database_.write([&](Statements& sql) -> Result<std::optional<Edition>> {
        if (source_line(sql, source).changed != seen) return std::optional<Edition>();
        const Edition edition = begin_edition(sql).edition;
        write(sql, edition);
        set_changed(sql, source, edition);
        forget_old(sql);
        found = look(sql, known);
        return std::optional(edition);
      });
  if (written && *written) remember(found, true);
  return written;
}

// An edition is old by the clock of the time when it was made, so that a clock that was once far
// ahead keeps nothing for longer. The newest stays whatever its age: devices that are up to date
// have it.
void ChangeLog::forget_old(Statements& sql) {
  const Milliseconds steady = clock_->steady_now();
  if (forgot_at_ && steady - *forgot_at_ < kForgetEvery) return;
  forgot_at_ = steady;
  const Edition now = second_now();
  const Edition kept = std::max(first_edition_made_after(sql, now - retention_.count()),
                                oldest_of_the_newest(sql, kMostEditions));
  if (kept > 0) forget_before(sql, kept);
}

Result<void> ChangeLog::start_anew() {
  const std::lock_guard alone(writing_);
  const Head known = head();
  Result<Found> found = database_.write([&](Statements& sql) -> Result<Found> {
    set_newest_second(sql, std::max(newest_second(sql), second_now()) + kNoSecondsAfterStart);
    const NamedEdition begun = begin_edition(sql);
    forget_before(sql, begun.edition);
    return look(sql, known);
  });
  if (!found) return found.error();
  remember(*found, false);
  return {};
}

void ChangeLog::write_snapshot(Statements& sql, std::int64_t source, const Snapshot& snapshot,
                               Edition edition, const std::optional<Scope>& scope) {
  end_versions(sql, snapshot.ended(), edition);
  std::int64_t place = last_place(sql, source);
  snapshot.changed().for_each_group([&](std::vector<NewVersion> versions) {
    for (NewVersion& version : versions) {
      if (version.place < 0) version.place = ++place;
      if (scope) version.scope = *scope;
      version.from = edition;
    }
    insert_versions(sql, source, versions);
  });
}

// Another process may have forgotten the edition since it was looked up.
Result<std::optional<Difference>> ChangeLog::difference(const Views& views) {
  return database_.read([&](Statements& sql) -> Result<std::optional<Difference>> {
    if (source_line(sql, views.source).kept_since > views.then.edition ||
        !has_edition(sql, views.then))
      return std::optional<Difference>();
    return std::optional(Comparison(sql, views).result());
  });
}

Result<std::int64_t> ChangeLog::page(const Page& page,
                                     const std::function<void(const std::string&)>& cells) {
  return database_.read([&](Statements& sql) -> Result<std::int64_t> {
    const Edition kept_since = source_line(sql, page.source).kept_since;
    if (kept_since > page.edition && kept_since != kOpen) {
      return Error{.code = ErrorCode::kStoreBusy,
                   .message = "the rows changed while they were read; ask again"};
    }
    std::int64_t last = page.after;
    for_each_visible(sql, page, [&](std::int64_t place, const std::string& row) {
      last = place;
      cells(row);
    });
    return last;
  });
}

Result<ChangeLog::UserNow> ChangeLog::user_now(std::int64_t source, const std::string& user) {
  return database_.read([&](Statements& sql) -> Result<UserNow> {
    return UserNow{.scopes = scopes_of(sql, source, user, kOpen - 1),
                   .source_changed = source_line(sql, source).changed};
  });
}

Result<std::optional<Scopes>> ChangeLog::scopes_at(std::int64_t source, const std::string& user,
                                                   Edition edition) {
  return database_.read([&](Statements& sql) -> Result<std::optional<Scopes>> {
    return scopes_of(sql, source, user, edition);
  });
}

}  // namespace weir::sync
