#include "sync/change_log.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace weir::sync {
namespace {

using store::Statements;

// Old versions are looked for this often: a minute more or less of a retention of days is nothing.
constexpr Edition kForgetEvery = 60;

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
    return {.source = views.source, .scope = scope, .then = views.then, .now = views.now};
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

}  // namespace

Result<std::unique_ptr<ChangeLog>> ChangeLog::open(store::Database& database,
                                                   std::shared_ptr<Clock> clock,
                                                   std::chrono::seconds retention) {
  std::unique_ptr<ChangeLog> log(new ChangeLog(database, std::move(clock), retention));
  if (Result<void> read = log->look_again(); !read) return read.error();
  return log;
}

Result<SourceLine> ChangeLog::open_source(const std::string& id, const std::string& rule) {
  return database_.write([&](Statements& sql) -> Result<SourceLine> {
    if (std::optional<SourceLine> line = find_source(sql, id, rule)) return *line;
    return begin_source(sql, id, rule, next_edition(sql));
  });
}

Result<SourceLine> ChangeLog::source(std::int64_t number) {
  return database_.read(
      [&](Statements& sql) -> Result<SourceLine> { return source_line(sql, number); });
}

ChangeLog::Head ChangeLog::head() const {
  const std::lock_guard lock(mutex_);
  return {.newest = editions_.empty() ? 0 : editions_.back(), .foreign = foreign_};
}

bool ChangeLog::knows(Edition edition) const {
  const std::lock_guard lock(mutex_);
  return std::binary_search(editions_.begin(), editions_.end(), edition);
}

Result<void> ChangeLog::look_again() {
  const Edition known = head().newest;
  Edition oldest = 0;
  Result<std::vector<Edition>> later =
      database_.read([&](Statements& sql) -> Result<std::vector<Edition>> {
        oldest = oldest_edition(sql);
        return editions_after(sql, known);
      });
  if (!later) return later.error();
  remember(*later, oldest, false);
  return {};
}

void ChangeLog::remember(const std::vector<Edition>& later, Edition oldest, bool ours) {
  const std::lock_guard lock(mutex_);
  const Edition known = editions_.empty() ? 0 : editions_.back();
  const auto first = std::upper_bound(later.begin(), later.end(), known);
  if (later.end() - first > (ours ? 1 : 0)) ++foreign_;
  editions_.insert(editions_.end(), first, later.end());
  editions_.erase(editions_.begin(), std::lower_bound(editions_.begin(), editions_.end(), oldest));
}

Result<Snapshot> ChangeLog::current(std::int64_t source, const std::optional<Scope>& scope) {
  return database_.read([&](Statements& sql) -> Result<Snapshot> {
    Snapshot snapshot(source_line(sql, source).changed);
    for_each_current(sql, source, scope,
                     [&](const StoredVersion& version) { snapshot.add_current(version); });
    snapshot.sort();
    return snapshot;
  });
}

Edition ChangeLog::next_edition(Statements& sql) const {
  const Edition now =
      std::chrono::floor<std::chrono::seconds>(clock_->now()).time_since_epoch().count();
  return std::max(now, newest_edition(sql) + 1);
}

Result<std::optional<Edition>> ChangeLog::change(std::int64_t source, Edition seen,
                                                 const Write& write) {
  // One at a time, so that each learns of its own edition and of no other thread's.
  const std::lock_guard alone(writing_);
  const Edition known = head().newest;
  std::vector<Edition> later;
  Edition oldest = 0;
  Result<std::optional<Edition>> written =
      database_.write([&](Statements& sql) -> Result<std::optional<Edition>> {
        if (source_line(sql, source).changed != seen) return std::optional<Edition>();
        const Edition edition = next_edition(sql);
        add_edition(sql, edition);
        write(sql, edition);
        set_changed(sql, source, edition);
        forget_old(sql, edition);
        oldest = oldest_edition(sql);
        later = editions_after(sql, known);
        return std::optional(edition);
      });
  if (written && *written) remember(later, oldest, true);
  return written;
}

// The newest edition stays whatever its age: devices that are up to date have it.
void ChangeLog::forget_old(Statements& sql, Edition newest) {
  if (newest - forgot_at_ < kForgetEvery) return;
  forgot_at_ = newest;
  forget_before(sql, newest - retention_.count());
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

Result<Difference> ChangeLog::difference(const Views& views) {
  return database_.read(
      [&](Statements& sql) -> Result<Difference> { return Comparison(sql, views).result(); });
}

Result<std::int64_t> ChangeLog::page(const Page& page,
                                     const std::function<void(const std::string&)>& cells) {
  return database_.read([&](Statements& sql) -> Result<std::int64_t> {
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
