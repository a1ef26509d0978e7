// LiveSource: a served source: reads it when it has changed, records the change, and knows what a
// user may see of it. Safe to use from several threads at once.
#pragma once

#include <weir/sync/sync_options.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "sync/change_log.h"
#include "sync/source_reader.h"
#include "sync/turns.h"
#include "sync/user_views.h"

namespace weir::sync {

// What a user may see of a source.
struct View {
  Scopes scopes = {};  // of the rows
  Scope own = {};      // of what is told to this user alone; empty: there is none
  // No row of these scopes changed, nor did the scopes, after this edition ...
  Edition changed = 0;
  Edition rows_changed = 0;  // the same of the rows alone
  // ... up to this one.
  NamedEdition as_of = {};
  Edition kept_since = 0;
  std::uint64_t foreign = 0;  // as ChangeLog::Head has them
  std::uint64_t store = 0;
};

class LiveSource {
 public:
  static Result<std::unique_ptr<LiveSource>> open(SyncSource source, ChangeLog& log,
                                                  std::shared_ptr<Clock> clock);

  const std::string& id() const { return source_.id; }
  const SyncSource& options() const { return source_; }
  std::int64_t number() const { return number_; }
  // As the scopes of a user are kept.
  std::string user_name(const std::string& email) const;

  // The view of a user now: reads the source first when it has changed. kUnavailable: another
  // user's question has been reading it for some seconds.
  Result<View> view(const std::string& email);
  // Whether a view is still complete at a later edition that others may have made meanwhile.
  bool holds(const View& view);
  // The scopes of a user at an edition, empty when that is not known.
  Result<std::optional<Scopes>> scopes_at(const View& view, const std::string& email,
                                          Edition edition);

  // Tells the user's devices to delete a row that they have made themselves.
  Result<void> replaced(const std::string& entry_id, const std::string& key,
                        const std::string& email);

  Result<std::vector<std::string>> columns();

  // Reads what is the same for all users.
  Result<void> check();

  // What follows never waits for the source.
  Edition changed() const { return changed_; }
  // Why the source could not be read the last time; empty when it could.
  std::string problem() const;
  // How long it has been reading, when that is longer than questions wait for it.
  std::optional<Milliseconds> reading_overdue() const { return turns_.overdue(); }

 private:
  LiveSource(SyncSource source, ChangeLog& log, std::shared_ptr<Clock> clock, SourceLine line);

  Result<View> view_of(const std::string& email);
  Result<void> catch_up();
  bool is_known(const ChangeLog::Head& head) const;
  Result<void> learn();
  Result<void> refresh();
  Result<void> read_all(const SourceRead& reading);
  Result<bool> record(Snapshot& snapshot);
  Result<Scopes> scopes_now(const std::string& email, Edition& since);
  Result<Scopes> remember_scopes(const std::string& user, Scopes scopes, Edition& since);
  Scope scope_of(const std::string& user_cell) const;
  Result<bool> has_row(const View& view, const std::string& key);
  void note(const Result<void>& read);
  Error too_slow(Error error) const;

  struct Failed {
    SourceRead reading = {};
    Error error = {};
  };
  struct UserScopes {
    Scopes scopes = {};
    Edition since = 0;
  };

  const SyncSource source_;
  ChangeLog& log_;
  const std::shared_ptr<Clock> clock_;
  const std::int64_t number_;

  Turns turns_;  // who has one may use what follows
  SourceReader reader_;
  SourceLine line_;
  Edition rows_changed_ = 0;
  std::uint64_t foreign_ = 0;  // what is known of others, as ChangeLog::Head has it
  std::uint64_t store_ = 0;
  std::optional<SourceRead> read_;
  std::optional<Failed> failed_;
  std::unordered_map<std::string, UserScopes> users_;  // of a rule with values
  UserViews user_views_;                               // of a source that decides

  std::atomic<Edition> changed_ = 0;  // line_.changed, for others
  mutable std::mutex problem_mutex_;
  std::string problem_;
};

}  // namespace weir::sync
