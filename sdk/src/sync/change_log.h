// ChangeLog: the rows of all served sources in all editions that are still told, in the store.
//
// A version of a row is visible from one edition up to another, to the users who have its scope; so
// a user's view in an edition is a question to the log, and the answer to a device is the
// difference of two views. Each change makes an edition of its own, a second later than the one
// before even when the clock stands or is set back, and a device is only ever told an edition that
// is complete: no change can come into an edition that a device already has. An edition that this
// log never made is unknown, so a store that was lost or restored leads to full answers.
// Several processes may share the store. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/database.h"
#include "sync/log_tables.h"
#include "sync/snapshot.h"

namespace weir::sync {

// What a device has to do.
struct Difference {
  std::vector<std::string> new_rows = {};  // cells, as outbox/cells_codec.h has them
  std::vector<std::string> deleted_keys = {};
  bool empty() const { return new_rows.empty() && deleted_keys.empty(); }
};

// What a user may see at two moments.
struct Views {
  std::int64_t source = 0;
  Scopes scopes_then = {};
  Edition then = 0;
  Scopes scopes_now = {};
  Edition now = 0;
};

class ChangeLog {
 public:
  static Result<std::unique_ptr<ChangeLog>> open(store::Database& database,
                                                 std::shared_ptr<Clock> clock,
                                                 std::chrono::seconds retention);

  // The line of a source; a new one when it is not there or had another rule.
  Result<SourceLine> open_source(const std::string& id, const std::string& rule);
  Result<SourceLine> source(std::int64_t number);

  // The newest edition, and how often other processes were found to have made editions: what one
  // keeps in memory of a source is to be read again when that number changes.
  struct Head {
    Edition newest = 0;
    std::uint64_t foreign = 0;
  };
  Head head() const;
  // Whether this log made the edition and still keeps what was changed since.
  bool knows(Edition edition) const;
  // Looks for editions that other processes have made.
  Result<void> look_again();

  // One consistent state of the tables.
  template <class Fn>
  auto read(Fn&& fn) {
    return database_.read(std::forward<Fn>(fn));
  }

  // What the log has of the source now, or of one scope of it.
  Result<Snapshot> current(std::int64_t source, const std::optional<Scope>& scope);

  // A change of one source, written all together as a new edition unless another process changed
  // the source after `seen`: then the result is empty and nothing is written.
  using Write = std::function<void(store::Statements&, Edition)>;
  Result<std::optional<Edition>> change(std::int64_t source, Edition seen, const Write& write);

  // The writes of a changed snapshot; `scope`, when given, takes the place of that of each row.
  static void write_snapshot(store::Statements& sql, std::int64_t source, const Snapshot& snapshot,
                             Edition edition, const std::optional<Scope>& scope = {});

  Result<Difference> difference(const Views& views);
  // At most `most` rows of a scope behind a place, in their order; returns the place of the last.
  Result<std::int64_t> page(const Page& page, const std::function<void(const std::string&)>& cells);
  // What a user has now, and when the source changed last: both as the store has them.
  struct UserNow {
    std::optional<Scopes> scopes = {};
    Edition source_changed = 0;
  };
  Result<UserNow> user_now(std::int64_t source, const std::string& user);
  Result<std::optional<Scopes>> scopes_at(std::int64_t source, const std::string& user,
                                          Edition edition);

 private:
  ChangeLog(store::Database& database, std::shared_ptr<Clock> clock, std::chrono::seconds retention)
      : database_(database), clock_(std::move(clock)), retention_(retention) {}

  Edition next_edition(store::Statements& sql) const;
  void forget_old(store::Statements& sql, Edition newest);
  void remember(const std::vector<Edition>& later, Edition oldest, bool ours);

  store::Database& database_;
  const std::shared_ptr<Clock> clock_;
  const std::chrono::seconds retention_;
  std::mutex writing_;
  mutable std::mutex mutex_;       // guards what follows
  std::vector<Edition> editions_;  // in order
  std::uint64_t foreign_ = 0;
  Edition forgot_at_ = 0;
};

}  // namespace weir::sync
