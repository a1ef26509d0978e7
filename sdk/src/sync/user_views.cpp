#include "sync/user_views.h"

#include <algorithm>
#include <utility>

#include "sync/scope.h"

namespace weir::sync {
namespace {

using store::Statements;

constexpr int kAttempts = 5;

Error contended() {
  return {.code = ErrorCode::kStoreBusy,
          .message = "other processes change the same data source again and again"};
}

}  // namespace

Result<UserViews::Known> UserViews::view_of(const std::string& email, SourceLine& line) {
  Result<SourceRead> reading = reader_.look();
  if (!reading) return reading.error();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (Result<void> loaded = load(line); !loaded) return loaded.error();
    const auto user = users_.find(email);
    if (user != users_.end() && reader_.is_fresh(user->second.reading, *reading) &&
        views_[user->second.scope].changed == user->second.valid_for) {
      return known(email);
    }
    const Result<bool> settled = read_again(email, *reading, line);
    if (!settled) return settled.error();
    if (*settled) return known(email);
    const Result<SourceLine> fresh = log_.source(line.number);
    if (!fresh) return fresh.error();
    line = *fresh;
    forget();
  }
  return contended();
}

UserViews::Known UserViews::known(const std::string& email) const {
  const auto found = users_.find(email);
  if (found == users_.end()) return {.scope = scope_of_nobody()};
  const User& user = found->second;
  return {.scope = user.scope,
          .rows_changed = user.valid_for,
          .changed = std::max(user.since, user.valid_for)};
}

void UserViews::forget() {
  loaded_ = false;
  views_.clear();
  users_.clear();
}

void UserViews::touch(const std::string& email, Edition edition) {
  const auto user = users_.find(email);
  if (user != users_.end()) user->second.since = edition;
}

Result<void> UserViews::load(const SourceLine& line) {
  if (loaded_) return {};
  Result<void> read = log_.read([&](Statements& sql) -> Result<void> {
    for_each_user(sql, line.number, [&](const Scopes& scopes) {
      View& view = views_[scopes.front()];
      view.changed = line.changed;
      ++view.users;
    });
    for_each_current(sql, line.number, std::nullopt, [&](const StoredVersion& version) {
      const auto view = views_.find(version.scope);
      if (view != views_.end()) view->second.contents.add(fingerprint(version.hash));
    });
    return {};
  });
  if (read) loaded_ = true;
  return read;
}

Result<std::optional<Scope>> UserViews::known_scope(const std::string& email,
                                                    const SourceLine& line) {
  const auto user = users_.find(email);
  if (user != users_.end()) return std::optional(user->second.scope);
  Result<std::optional<Scopes>> scopes = log_.scopes_at(line.number, email, kOpen - 1);
  if (!scopes) return scopes.error();
  if (!*scopes) return std::optional<Scope>();
  users_[email] = {.scope = (*scopes)->front(), .since = line.changed};
  return std::optional((*scopes)->front());
}

Result<bool> UserViews::read_again(const std::string& email, const SourceRead& reading,
                                   SourceLine& line) {
  const Result<std::optional<Scope>> scope = known_scope(email, line);
  if (!scope) return scope.error();
  const Scope rows_scope = scope->value_or(scope_of_nobody());
  Result<Snapshot> snapshot = log_.current(line.number, rows_scope);
  if (!snapshot) return snapshot.error();
  if (snapshot->source_changed() != line.changed) return false;
  Result<void> read =
      reader_.read({.user = email}, [&](const Row& row, const std::string&) -> Result<void> {
        return snapshot->compare(row, rows_scope);
      });
  if (read) read = snapshot->finish();
  if (!read) return read.error();
  Result<bool> settled = settle(email, *scope, *snapshot, line);
  const auto known = users_.find(email);
  if (!settled || !*settled || known == users_.end()) return settled;
  User& user = known->second;
  user.reading = reading;
  user.valid_for = views_[user.scope].changed;
  return true;
}

Result<bool> UserViews::settle(const std::string& email, const std::optional<Scope>& scope,
                               const Snapshot& snapshot, SourceLine& line) {
  if (scope && !snapshot.differs()) return true;
  if (!scope && snapshot.contents().rows == 0) return stay_unknown(line);
  if (const std::optional<Scope> same = view_with(snapshot.contents()))
    return join(email, scope, *same, line);
  return scope ? move_on(email, *scope, snapshot, line) : begin(email, snapshot, line);
}

// Users without rows need nothing in the store, or strangers would fill it; but the source is
// begun.
Result<bool> UserViews::stay_unknown(SourceLine& line) {
  if (line.kept_since != kOpen) return true;
  const auto edition = log_.change(line.number, line.changed, [](Statements&, Edition) {});
  if (!edition) return edition.error();
  if (!*edition) return false;
  line.move_on(**edition);
  return true;
}

std::optional<Scope> UserViews::view_with(const Contents& contents) const {
  for (const auto& [scope, view] : views_) {
    if (view.contents == contents) return scope;
  }
  return std::nullopt;
}

Result<bool> UserViews::move_on(const std::string& email, const Scope& scope,
                                const Snapshot& snapshot, SourceLine& line) {
  const auto edition = log_.change(line.number, line.changed, [&](Statements& sql, Edition now) {
    ChangeLog::write_snapshot(sql, line.number, snapshot, now, scope);
  });
  if (!edition) return edition.error();
  if (!*edition) return false;
  line.move_on(**edition);
  View& view = views_[scope];
  view.contents = snapshot.contents();
  view.changed = **edition;
  users_[email].since = std::max(users_[email].since, **edition);
  return true;
}

Result<bool> UserViews::begin(const std::string& email, const Snapshot& snapshot,
                              SourceLine& line) {
  const auto edition = log_.change(line.number, line.changed, [&](Statements& sql, Edition now) {
    ChangeLog::write_snapshot(sql, line.number, snapshot, now, scope_of_view(now));
    set_scopes(sql, line.number, email, {scope_of_view(now)}, now);
  });
  if (!edition) return edition.error();
  if (!*edition) return false;
  line.move_on(**edition);
  views_[scope_of_view(**edition)] = {
      .contents = snapshot.contents(), .changed = **edition, .users = 1};
  users_[email] = {.scope = scope_of_view(**edition), .since = **edition};
  return true;
}

Result<bool> UserViews::join(const std::string& email, const std::optional<Scope>& from,
                             const Scope& to, SourceLine& line) {
  const bool leaves_empty = from && views_[*from].users == 1;
  const auto edition = log_.change(line.number, line.changed, [&](Statements& sql, Edition now) {
    set_scopes(sql, line.number, email, {to}, now);
    if (leaves_empty) end_scope(sql, line.number, *from, now);
  });
  if (!edition) return edition.error();
  if (!*edition) return false;
  line.move_on(**edition);
  if (from) --views_[*from].users;
  if (leaves_empty) views_.erase(*from);
  ++views_[to].users;
  users_[email] = {.scope = to, .since = **edition};
  return true;
}

}  // namespace weir::sync
