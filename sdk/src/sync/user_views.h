// UserViews: the rows that a source hands over for each user, of a source that decides by itself
// who sees what.
//
// Users who see the same rows share one view, so storage grows with what differs and what changes,
// not with users; one who never had any rows leaves no trace. When the rows of a view change, the
// first user who asks moves it on; another user of the view is only answered from it after the
// source has handed over the same rows for that user too, and otherwise gets a view of the user's
// own. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "sync/change_log.h"
#include "sync/source_reader.h"

namespace weir::sync {

class UserViews {
 public:
  UserViews(SourceReader& reader, ChangeLog& log) : reader_(reader), log_(log) {}

  struct Known {
    Scope scope = {};
    Edition rows_changed = 0;
    Edition changed = 0;  // the same, or when the user came to the view if that was later
  };
  // The view that holds what the source has for this user now. `line` is the source's, which a
  // change moves on.
  Result<Known> view_of(const std::string& email, SourceLine& line);

  // What is in memory is no longer what the store has.
  void forget();

  // Something was told to this user alone.
  void touch(const std::string& email, Edition edition);

 private:
  struct View {
    Contents contents = {};
    Edition changed = 0;
    std::int64_t users = 0;
  };
  struct User {
    Scope scope = {};
    Edition since = 0;
    Edition valid_for = 0;  // the view's `changed` for which the source was asked
    SourceRead reading = {};
  };

  Known known(const std::string& email) const;
  Result<void> load(const SourceLine& line);
  Result<std::optional<Scope>> known_scope(const std::string& email, const SourceLine& line);
  // False when another process came first.
  Result<bool> read_again(const std::string& email, const SourceRead& reading, SourceLine& line);
  Result<bool> settle(const std::string& email, const std::optional<Scope>& scope,
                      const Snapshot& snapshot, SourceLine& line);
  Result<bool> stay_unknown(SourceLine& line);
  Result<bool> move_on(const std::string& email, const Scope& scope, const Snapshot& snapshot,
                       SourceLine& line);
  Result<bool> begin(const std::string& email, const Snapshot& snapshot, SourceLine& line);
  Result<bool> join(const std::string& email, const std::optional<Scope>& from, const Scope& to,
                    SourceLine& line);
  std::optional<Scope> view_with(const Contents& contents) const;

  SourceReader& reader_;
  ChangeLog& log_;
  bool loaded_ = false;
  std::unordered_map<Scope, View> views_;
  std::unordered_map<std::string, User> users_;
};

}  // namespace weir::sync
