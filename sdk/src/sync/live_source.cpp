#include "sync/live_source.h"

#include <algorithm>
#include <utility>

#include "os/guarded.h"
#include "rows/guarded_rows.h"
#include "rows/row_check.h"
#include "sync/deletes_guard.h"
#include "sync/scope.h"

namespace weir::sync {
namespace {

using store::Statements;
using Kind = UserRule::Kind;

constexpr int kAttempts = 5;
// A source that could not be read is tried again after this, or when its version differs.
constexpr Milliseconds kTryAgainAfter{1000};

std::string kind_text(const UserRule& rule) {
  switch (rule.kind()) {
    case Kind::kSameRowsForAll:
      return "all";
    case Kind::kColumn:
      return "column";
    case Kind::kColumnValues:
      return "values";
    case Kind::kSourceDecides:
      return "source";
    case Kind::kNone:
      break;
  }
  return "none";
}

// What makes versions of rows incomparable with those before: another rule, or other columns.
std::string rule_text(const SyncSource& source) {
  std::string text = kind_text(source.rule) + "\n" + source.rule.column_name();
  for (const std::string& column : source.columns) text += "\n" + column;
  return text;
}

Error contended() {
  return {.code = ErrorCode::kStoreBusy,
          .message = "other processes change the same data source again and again"};
}

template <class T>
Result<void> as_void(const Result<T>& result) {
  if (!result) return result.error();
  return {};
}

bool keeps_scopes(const UserRule& rule) {
  return rule.kind() == Kind::kColumnValues || rule.kind() == Kind::kSourceDecides;
}

}  // namespace

Result<std::unique_ptr<LiveSource>> LiveSource::open(SyncSource source, ChangeLog& log,
                                                     std::shared_ptr<Clock> clock) {
  const Result<SourceLine> line = log.open_source(source.id, rule_text(source));
  if (!line) return line.error();
  source.rows = std::make_shared<outbox::GuardedRows>(std::move(source.rows));
  return std::unique_ptr<LiveSource>(
      new LiveSource(std::move(source), log, std::move(clock), *line));
}

LiveSource::LiveSource(SyncSource source, ChangeLog& log, std::shared_ptr<Clock> clock,
                       SourceLine line)
    : source_(std::move(source)),
      log_(log),
      clock_(std::move(clock)),
      number_(line.number),
      turns_(clock_),
      reader_(source_, clock_),
      line_(line),
      rows_changed_(line.changed),
      foreign_(log.head().foreign),
      user_views_(reader_, log_) {}

Result<View> LiveSource::view(const std::string& email) {
  log_.note_served();
  const Result<Turns::Turn> turn = turns_.take();
  if (!turn) return too_slow(turn.error());
  Result<View> view = view_of(email);
  changed_ = line_.changed;
  note(view ? Result<void>() : view.error());
  if (view) return view;
  // The device's question was right.
  Error error = view.error();
  const bool is_about_the_asker =
      error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kUnknown;
  if (is_about_the_asker) error.code = ErrorCode::kUnavailable;
  return error;
}

Result<void> LiveSource::check() {
  const Result<Turns::Turn> turn = turns_.take();
  if (!turn) return too_slow(turn.error());
  if (Result<void> ready = catch_up(); !ready) return ready;
  Result<void> read =
      source_.rule.kind() == Kind::kSourceDecides ? as_void(reader_.columns()) : refresh();
  changed_ = line_.changed;
  note(read);
  return read;
}

Error LiveSource::too_slow(Error error) const {
  error.message = "the rows of " + source_.id + " cannot be read: " + error.message;
  return error;
}

Result<View> LiveSource::view_of(const std::string& email) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (Result<void> ready = catch_up(); !ready) return ready.error();
    View view;
    if (source_.rule.kind() == Kind::kSourceDecides) {
      const Result<UserViews::Known> known = user_views_.view_of(email, line_);
      if (!known) return known.error();
      view.scopes = {known->scope};
      view.rows_changed = known->rows_changed;
      view.changed = known->changed;
    } else {
      if (Result<void> ready = refresh(); !ready) return ready.error();
      Edition since = 0;
      Result<Scopes> scopes = scopes_now(email, since);
      if (!scopes) return scopes.error();
      view.scopes = std::move(*scopes);
      view.rows_changed = rows_changed_;
      view.changed = std::max(rows_changed_, since);
    }
    if (source_.rule.kind() != Kind::kSameRowsForAll) view.own = scope_of_user(email, log_.hash());
    const ChangeLog::Head head = log_.head();
    if (!is_known(head)) continue;
    view.as_of = head.newest;
    view.kept_since = line_.kept_since;
    view.foreign = head.foreign;
    view.store = head.stores;
    return view;
  }
  return contended();
}

// All editions up to the newest have been looked at.
bool LiveSource::is_known(const ChangeLog::Head& head) const {
  return foreign_ == head.foreign && store_ == head.stores && line_.changed <= head.newest.edition;
}

bool LiveSource::holds(const View& view) {
  const Result<Turns::Turn> turn = turns_.take();
  if (!turn) return false;  // which is told when it is asked for again
  const ChangeLog::Head head = log_.head();
  return head.foreign == view.foreign && head.stores == view.store &&
         line_.changed <= view.as_of.edition;
}

Result<void> LiveSource::catch_up() { return is_known(log_.head()) ? Result<void>() : learn(); }

// What other processes have done up to now. Editions that they make meanwhile are found the next
// time, for their number is that of before.
Result<void> LiveSource::learn() {
  const ChangeLog::Head head = log_.head();
  const Result<SourceLine> line = log_.source(number_);
  if (!line) return line.error();
  if (line->changed != line_.changed || store_ != head.stores) {
    // What others have recorded may be an older state of the source than the one that was read
    // here.
    read_.reset();
    users_.clear();
    user_views_.forget();
    rows_changed_ = line->changed;
  }
  line_ = *line;
  foreign_ = head.foreign;
  store_ = head.stores;
  return {};
}

Result<void> LiveSource::refresh() {
  const Result<SourceRead> reading = reader_.look();
  if (!reading) return reading.error();
  if (read_ && reader_.is_fresh(*read_, *reading)) return {};
  if (failed_ && failed_->reading.version == reading->version &&
      reading->at - failed_->reading.at < kTryAgainAfter)
    return failed_->error;
  Result<void> read = read_all(*reading);
  failed_.reset();
  if (!read) failed_ = Failed{.reading = *reading, .error = read.error()};
  return read;
}

Result<void> LiveSource::read_all(const SourceRead& reading) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Result<Snapshot> snapshot = log_.current(number_, std::nullopt);
    if (!snapshot) return snapshot.error();
    if (snapshot->source_changed() != line_.changed) {
      if (Result<void> known = learn(); !known) return known.error();
    }
    Result<void> read = reader_.read({}, [&](const Row& row, const std::string& user_cell) {
      return snapshot->compare(row, scope_of(user_cell));
    });
    if (read) read = snapshot->finish();
    if (read) read = check_deletes(source_, *snapshot);
    if (!read) return read;
    const Result<bool> recorded = record(*snapshot);
    if (!recorded) return recorded.error();
    if (!*recorded) continue;
    read_ = reading;
    return {};
  }
  return contended();
}

Result<bool> LiveSource::record(Snapshot& snapshot) {
  if (!snapshot.differs() && line_.kept_since != kOpen)
    return snapshot.source_changed() == line_.changed;
  // The snapshot may be older than the line, when others have changed the source in between.
  const Edition seen = snapshot.source_changed();
  const auto edition = log_.change(number_, seen, [&](Statements& sql, Edition now) {
    ChangeLog::write_snapshot(sql, number_, snapshot, now);
  });
  if (!edition) return edition.error();
  if (!*edition) {
    if (Result<void> known = learn(); !known) return known.error();
    return false;
  }
  line_.move_on(**edition);
  rows_changed_ = **edition;
  return true;
}

Scope LiveSource::scope_of(const std::string& user_cell) const {
  return source_.rule.kind() == Kind::kSameRowsForAll ? scope_of_all()
                                                      : scope_of_value(user_cell, log_.hash());
}

Result<Scopes> LiveSource::scopes_now(const std::string& email, Edition& since) {
  switch (source_.rule.kind()) {
    case Kind::kSameRowsForAll:
      return Scopes{scope_of_all()};
    case Kind::kColumn:
      return Scopes{scope_of_value(email, log_.hash())};
    default:
      break;
  }
  const Result<std::vector<std::string>> values = os::guarded(
      "the function for the values of a user", [&] { return source_.rule.values()(email); });
  if (!values) return values.error();
  Scopes scopes;
  for (const std::string& value : *values) {
    if (!folded(value).empty()) scopes.push_back(scope_of_value(value, log_.hash()));
  }
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  return remember_scopes(folded(email), std::move(scopes), since);
}

Result<Scopes> LiveSource::remember_scopes(const std::string& user, Scopes scopes, Edition& since) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto known = users_.find(user);
    if (known == users_.end()) {
      const Result<ChangeLog::UserNow> stored = log_.user_now(number_, user);
      if (!stored) return stored.error();
      if (stored->source_changed != line_.changed) {
        if (Result<void> learned = learn(); !learned) return learned.error();
        continue;
      }
      // A user who was never seen and may see nothing needs no line, or strangers would fill the
      // store.
      if (!stored->scopes && scopes.empty()) return scopes;
      if (stored->scopes)
        known = users_.insert_or_assign(user, UserScopes{*stored->scopes, line_.changed}).first;
    }
    if (known != users_.end() && known->second.scopes == scopes) {
      since = known->second.since;
      return scopes;
    }
    const auto edition = log_.change(number_, line_.changed, [&](Statements& sql, Edition now) {
      set_scopes(sql, number_, user, scopes, now);
    });
    if (!edition) return edition.error();
    if (*edition) {
      line_.move_on(**edition);
      users_[user] = {.scopes = scopes, .since = **edition};
      continue;
    }
    if (Result<void> learned = learn(); !learned) return learned.error();
  }
  return contended();
}

Result<std::optional<Scopes>> LiveSource::scopes_at(const View& view, const std::string& email,
                                                    Edition edition) {
  if (!keeps_scopes(source_.rule)) return std::optional(view.scopes);
  return log_.scopes_at(number_, user_name(email), edition);
}

// A source that decides is asked with the address as it came.
std::string LiveSource::user_name(const std::string& email) const {
  return source_.rule.kind() == Kind::kSourceDecides ? email : folded(email);
}

Result<void> LiveSource::replaced(const std::string& entry_id, const std::string& key,
                                  const std::string& email) {
  if (const auto problem = outbox::key_problem(entry_id))
    return Error{.code = ErrorCode::kInvalidArgument, .message = "the entry's id: " + *problem};
  const Result<Turns::Turn> turn = turns_.take();
  if (!turn) return too_slow(turn.error());
  read_.reset();
  user_views_.forget();
  const Result<View> view = view_of(email);
  if (!view) return view.error();
  const Result<bool> there = has_row(*view, key);
  if (!there) return there.error();
  // Then the entry's row is the real one already.
  if (*there && entry_id == key) return {};
  const Result<bool> is_a_row = has_row(*view, entry_id);
  if (!is_a_row) return is_a_row.error();
  if (*is_a_row) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "the entry's id '" + entry_id + "' is the key of another row of " +
                            source_.id + " that this user sees, which would be deleted there"};
  }
  if (!*there) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "the rows of " + source_.id + " that this user may see have no key '" +
                            key + "'; say replaced() once the source holds the real row"};
  }
  const NewVersion told{.scope = view->own.empty() ? scope_of_all() : view->own,
                        .key = entry_id,
                        .hash = log_.hash().of(number_, {})};
  const auto edition = log_.change(number_, line_.changed, [&](Statements& sql, Edition now) {
    NewVersion version = told;
    version.to = now;
    insert_versions(sql, number_, {version});
  });
  if (!edition) return edition.error();
  if (!*edition) return contended();
  line_.move_on(**edition);
  rows_changed_ = **edition;
  user_views_.touch(email, **edition);
  return {};
}

Result<bool> LiveSource::has_row(const View& view, const std::string& key) {
  return log_.read([&](Statements& sql) -> Result<bool> {
    for (const Scope& scope : view.scopes) {
      if (is_current(sql, number_, scope, key)) return true;
    }
    return false;
  });
}

Result<std::vector<std::string>> LiveSource::columns() {
  const Result<Turns::Turn> turn = turns_.take();
  if (!turn) return too_slow(turn.error());
  return reader_.columns();
}

void LiveSource::note(const Result<void>& read) {
  const std::lock_guard lock(problem_mutex_);
  if (read && problem_.empty()) return;
  problem_ = read ? "" : read.error().message;
}

std::string LiveSource::problem() const {
  const std::lock_guard lock(problem_mutex_);
  return problem_;
}

}  // namespace weir::sync
