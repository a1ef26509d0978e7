// ChangeLog: the rows of all served sources in all editions that are still told, in the store.
//
// A version of a row is visible from one edition up to another, to the users who have its scope; so
// a user's view in an edition is a question to the log, and the answer to a device is the
// difference of two views. Each change makes an edition of its own, which has a name of its own
// (sync/edition.h), and a device is only ever told an edition that is complete: no change can come
// into an edition that a device already has. A name that this log never gave is unknown, so a store
// that was lost or restored leads to full answers (docs/adr/0017-what-a-token-means.md).
// Several processes may share the store. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "rows/keyed_hash.h"
#include "store/database.h"
#include "sync/log_tables.h"
#include "sync/snapshot.h"

namespace weir::sync {

// What a device has to do.
struct Difference {
  std::vector<std::string> new_rows = {};  // cells, as rows/cells_codec.h has them
  std::vector<std::string> deleted_keys = {};
  bool empty() const { return new_rows.empty() && deleted_keys.empty(); }
};

// What a user may see at two moments.
struct Views {
  std::int64_t source = 0;
  Scopes scopes_then = {};
  NamedEdition then = {};
  Scopes scopes_now = {};
  Edition now = 0;
};

class ChangeLog {
 public:
  // Waits for the next second when the store is new: the names of one that was here before are of
  // seconds before it.
  static Result<std::unique_ptr<ChangeLog>> open(store::Database& database,
                                                 std::shared_ptr<Clock> clock,
                                                 std::chrono::seconds retention);

  // The line of a source; a new one when it is not there or had another rule.
  Result<SourceLine> open_source(const std::string& id, const std::string& rule);
  // Looks for editions of other processes as well, so that the newest edition of head() is never
  // older than the line. kInvalidConfig: the line is gone, for another rule has taken its place.
  Result<SourceLine> source(std::int64_t number);

  // To be called often; now and then it tells the store that the sources of this log are served.
  // The rows of a source that nobody has served for the retention end then, as if they had been
  // deleted, and are forgotten in their time. Who serves the source again reads it anew.
  void note_served();

  // The fingerprints of this store.
  const outbox::KeyedHash& hash() const { return hash_; }

  // What is known of all editions.
  struct Head {
    NamedEdition newest = {};
    // How often other processes were found to have made editions: what one keeps in memory of a
    // source is to be looked at again when that number changes.
    std::uint64_t foreign = 0;
    // How often the store was found to be another one, such as an older copy: nothing that one
    // keeps in memory is true when that number changes.
    std::uint64_t stores = 0;
  };
  Head head() const;
  // The edition of a name that this log gave, if it still keeps what was changed since.
  std::optional<NamedEdition> named(Edition name) const;
  // The name of an edition; the edition itself when that is not known.
  Edition name_of(Edition edition) const;
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

  // A new edition without any change, which has the clock's second as its name, when the newest one
  // has any other and the second is still free. Empty when there is no need.
  Result<std::optional<NamedEdition>> name_by_clock();

  // Forgets the name of every edition, so that all devices get all rows, and names none by the
  // clock for a day.
  Result<void> start_anew();

  // Empty when what was changed since then is no longer kept: all rows are to be told.
  Result<std::optional<Difference>> difference(const Views& views);
  // At most `most` rows of a scope behind a place, in their order; returns the place of the last.
  // kStoreBusy: the edition is no longer kept.
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
  // What a transaction has found of all editions.
  struct Found {
    std::uint64_t stores = 0;  // as it was before
    bool is_another_store = false;
    std::vector<NamedEdition> later = {};  // than the newest known before; all of another store
    Edition oldest = 0;
    Edition newest_second = 0;
  };

  ChangeLog(store::Database& database, std::shared_ptr<Clock> clock, std::chrono::seconds retention,
            outbox::KeyedHash hash);

  Milliseconds note_every() const;
  std::set<std::int64_t> served() const;
  static Found look(store::Statements& sql, const Head& known);
  void remember(const Found& found, bool with_ours);
  NamedEdition begin_edition(store::Statements& sql) const;
  Edition second_now() const;
  bool may_name(Edition second) const;
  void forget_old(store::Statements& sql);

  store::Database& database_;
  const std::shared_ptr<Clock> clock_;
  const std::chrono::seconds retention_;
  const outbox::KeyedHash hash_;
  const Edition opened_;  // seconds before this one may be names that a lost store has given
  std::atomic<Milliseconds::rep> note_served_at_ = 0;
  std::mutex writing_;
  std::optional<Milliseconds> forgot_at_;  // guarded by writing_
  mutable std::mutex mutex_;               // guards what follows
  std::set<std::int64_t> serves_;          // numbers of sources
  std::vector<NamedEdition> editions_;     // in order
  std::unordered_map<Edition, Edition> by_name_;
  Head head_;
  Edition newest_second_ = 0;  // that is known to be a name
};

}  // namespace weir::sync
