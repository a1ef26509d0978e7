// LiveSource: a served source: reads it when it has changed, records the change, and knows what a
// user may see of it. Safe to use from several threads at once.
#pragma once

#include <weir/sync/sync_options.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "sync/change_log.h"
#include "sync/source_reader.h"
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
  Edition as_of = 0;
  Edition kept_since = 0;
  std::uint64_t foreign = 0;
};

class LiveSource {
 public:
  static Result<std::unique_ptr<LiveSource>> open(SyncSource source, ChangeLog& log,
                                                  std::shared_ptr<Clock> clock);

  const std::string& id() const { return source_.id; }
  const SyncSource& options() const { return source_; }
  std::int64_t number() const { return number_; }

  // The view of a user now: reads the source first when it has changed.
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

  Edition changed();

  // Why the source could not be read the last time; empty when it could.
  std::string problem() const;

 private:
  LiveSource(SyncSource source, ChangeLog& log, std::shared_ptr<Clock> clock, SourceLine line);

  Result<View> view_of(const std::string& email);
  Result<void> catch_up();
  Result<void> load_line();
  Result<void> learn();
  Result<void> refresh();
  Result<void> read_all(const Reading& reading);
  Result<bool> record(Snapshot& snapshot);
  Result<Scopes> scopes_now(const std::string& email, Edition& since);
  Result<Scopes> remember_scopes(const std::string& user, Scopes scopes, Edition& since);
  Scope scope_of(const std::string& user_cell) const;
  Result<bool> has_row(const View& view, const std::string& key);
  void note(const Result<void>& read);

  struct Failed {
    Reading reading = {};
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

  std::mutex mutex_;
  SourceReader reader_;
  SourceLine line_;
  Edition rows_changed_ = 0;
  std::uint64_t foreign_ = 0;
  std::optional<Reading> read_;
  std::optional<Failed> failed_;
  std::unordered_map<std::string, UserScopes> users_;  // of a rule with values
  UserViews user_views_;                               // of a source that decides

  mutable std::mutex problem_mutex_;
  std::string problem_;
};

}  // namespace weir::sync
