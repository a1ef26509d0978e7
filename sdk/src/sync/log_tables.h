// The tables of Platform Sync as functions: one place for their SQL. Called inside a transaction of
// the store; failures are thrown as StoreFailure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"
#include "sync/edition.h"

namespace weir::sync {

// Names of users' rights to rows; a row has one, a user may have several (sync/live_source.h).
using Scope = std::string;
using Scopes = std::vector<Scope>;

// kept_since is kOpen until the source was read once.
struct SourceLine {
  std::int64_t number = 0;
  Edition kept_since = kOpen;
  Edition changed = 0;

  void move_on(Edition edition) {
    changed = edition;
    if (kept_since == kOpen) kept_since = edition;
  }
};

// A version of a row as it is written.
struct NewVersion {
  Scope scope = {};
  std::int64_t place = 0;
  std::string key = {};
  std::string hash = {};
  std::string cells = {};  // as rows/cells_codec.h has them
  Edition from = 0;
  Edition to = kOpen;
};

struct StoredVersion {
  std::int64_t id = 0;
  Scope scope = {};
  std::int64_t place = 0;
  std::string key = {};
  std::string hash = {};
};

// 0 when there is none.
Edition newest_edition(store::Statements& sql);
Edition oldest_edition(store::Statements& sql);
std::vector<NamedEdition> editions_after(store::Statements& sql, Edition edition);
bool has_edition(store::Statements& sql, const NamedEdition& edition);
bool is_name(store::Statements& sql, Edition name);
// `made`: when, by the clock, in seconds.
void add_edition(store::Statements& sql, const NamedEdition& edition, Edition made);

// The secret of the fingerprints.
std::optional<std::string> known_secret(store::Statements& sql);
void set_secret(store::Statements& sql, const std::string& secret);

// The newest second of a clock that is a name.
Edition newest_second(store::Statements& sql);
void set_newest_second(store::Statements& sql, Edition second);

// The first edition after the newest one that was made at this second or before; 0 when there is
// none.
Edition first_edition_made_after(store::Statements& sql, Edition second);
// The oldest of so many of the newest editions; 0 when there are fewer.
Edition oldest_of_the_newest(store::Statements& sql, std::int64_t count);

std::optional<SourceLine> find_source(store::Statements& sql, const std::string& id,
                                      const std::string& rule);
// A new line in place of whatever was known under this id.
SourceLine begin_source(store::Statements& sql, const std::string& id, const std::string& rule,
                        Edition now);
// Fails when the line has gone, which another process has done that serves the source by another
// rule.
// Some service serves the source at this second of the clock.
void set_served(store::Statements& sql, std::int64_t source, Edition second);

// The sources with rows or users that nobody has served since. `now`: what is served later than
// that, by a clock that was ahead, or at a time that is not known, is taken as served now.
std::vector<std::int64_t> unserved_sources(store::Statements& sql, Edition since, Edition now);

// All its rows and the scopes of its users are gone from this edition on.
void end_source(store::Statements& sql, std::int64_t source, Edition edition);

SourceLine source_line(store::Statements& sql, std::int64_t source);
// The source is read now, if it was not before.
void set_changed(store::Statements& sql, std::int64_t source, Edition edition);

// Current versions: of one scope, or of all.
void for_each_current(store::Statements& sql, std::int64_t source,
                      const std::optional<Scope>& scope,
                      const std::function<void(const StoredVersion&)>& version);
bool is_current(store::Statements& sql, std::int64_t source, const Scope& scope,
                const std::string& key);
// Whether any of these scopes has a row now.
bool has_current(store::Statements& sql, std::int64_t source, const Scopes& scopes);
// Whether anything is kept of a user, by the scope of the address or by name.
bool is_kept(store::Statements& sql, std::int64_t source, const Scope& scope,
             const std::string& user);
std::int64_t last_place(store::Statements& sql, std::int64_t source);
void insert_versions(store::Statements& sql, std::int64_t source,
                     const std::vector<NewVersion>& versions);
void end_versions(store::Statements& sql, const std::vector<std::int64_t>& ids, Edition edition);
void end_scope(store::Statements& sql, std::int64_t source, const Scope& scope, Edition edition);

// Rows of a scope as they were in an edition, in their order, at most `most` of them and only those
// behind `after`. Calls row(place, cells).
using PlacedRow = std::function<void(std::int64_t place, const std::string& cells)>;
struct Page {
  std::int64_t source = 0;
  Scope scope = {};
  Edition edition = 0;
  std::int64_t after = -1;
  std::int64_t most = 0;
};
void for_each_visible(store::Statements& sql, const Page& page, const PlacedRow& row);

// What a scope's rows were in `then` and are in `now`, of the versions that ended or began between
// the two.
struct Span {
  std::int64_t source = 0;
  Scope scope = {};
  Edition then = 0;
  Edition now = 0;
};
using EndedRow = std::function<void(const std::string& key, const std::string& hash)>;
using BegunRow =
    std::function<void(const std::string& key, const std::string& hash, const std::string& cells)>;
void for_each_ended(store::Statements& sql, const Span& span, const EndedRow& row);
void for_each_begun(store::Statements& sql, const Span& span, const BegunRow& row);
// The same for versions that were there at both ends, of a scope that a user lost or gained.
void for_each_lost(store::Statements& sql, const Span& span, const EndedRow& row);
void for_each_gained(store::Statements& sql, const Span& span, const BegunRow& row);

std::optional<Scopes> scopes_of(store::Statements& sql, std::int64_t source,
                                const std::string& user, Edition edition);
void set_scopes(store::Statements& sql, std::int64_t source, const std::string& user,
                const Scopes& scopes, Edition edition);
// Calls user(scopes) for each user's current ones.
void for_each_user(store::Statements& sql, std::int64_t source,
                   const std::function<void(const Scopes&)>& user);

// All rows, users, editions and data sources, but not the names given by the clock.
void forget_everything(store::Statements& sql);

// Forgets what only editions before `edition` had.
void forget_before(store::Statements& sql, Edition edition);

}  // namespace weir::sync
