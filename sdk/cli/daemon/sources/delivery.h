// SourceDelivery: hands what was read of a data source to the outbox, to Platform Sync, or to both,
// behind the guards.
//
// A table that would delete too much, that is empty, or that would be the first of a data source
// without a word on what the platform has of it, is *held*: nothing changes until release() lets
// this one table go, or a better one comes. For one thread at a time, that of the source's task.
#pragma once

#include <weir/client.h>
#include <weir/note.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/source_config.h"
#include "daemon/loop/task.h"
#include "daemon/sources/kept_rows.h"
#include "daemon/sources/served_table.h"

namespace weir::daemon {

// What becomes of the rows.
enum class Delivering {
  kReal,  // they are handed over
  kOnce,  // the same, by a run that ends: nobody can release what is held
  kDry,   // it is only found out what would be: nothing is kept, served or moved, and nobody called
};

// What holds a table back.
enum class Guard {
  kNone,
  kFirst,    // it is the first table of the data source
  kEmpty,    // it has no rows
  kDeletes,  // it deletes more than max_deletes, or half
};

// Where the text ends that the rows of a table were read from, when its last line has no end: it
// may be cut off.
struct OpenEnd {
  std::string place = {};     // for a person
  bool may_split_row = true;  // else a row that is not whole is an error already, as in NDJSON
};

// How a handing over ended.
struct RowHandover {
  bool is_held = false;
  Guard guard = Guard::kNone;   // of what is held
  std::string reason = {};      // of what is held
  std::string what_to_do = {};  // the same
  std::int64_t held_deletes = 0;
  bool are_changes = false;  // of single rows, which are counted each time that they change
  std::int64_t rows = 0;
  std::int64_t upserted = 0;  // that wait to be sent now
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  // As in PublishReport.
  std::int64_t set_aside = 0;
  bool is_first = false;
  bool replaces_all_rows = false;
  bool doubtful = false;
  bool store_was_put_back = false;
  std::int64_t calls = 0;
  std::int64_t calls_needed = 0;

  // Further changes.
  void add(const RowHandover& more) {
    rows += more.rows;
    upserted += more.upserted;
    deleted += more.deleted;
    unchanged += more.unchanged;
    set_aside += more.set_aside;
  }
};

class SourceDelivery {
 public:
  // `served` is needed where the rows go to Platform Sync.
  SourceDelivery(const OrgParts& parts, const SourceConfig& config,
                 std::shared_ptr<ServedTable> served, Delivering delivering = Delivering::kReal)
      : parts_(parts), config_(config), served_(std::move(served)), delivering_(delivering) {}

  // The whole table. The notes are kept in the transaction that keeps the difference, of a table
  // for Platform Sync alone once it is served; of one that is held, when it is released. Rows that
  // are not KeptRows are read several times, or kept first. kInvalidArgument: rows or columns are
  // wrong; with an open end also, more than a tenth of the rows would be deleted, so the text looks
  // cut off.
  Result<RowHandover> table(RowSource& rows, const std::vector<Note>& notes = {},
                            const std::optional<OpenEnd>& end = {});
  Result<RowHandover> table(std::shared_ptr<KeptRows> rows, const std::vector<Note>& notes = {},
                            const std::optional<OpenEnd>& end = {});

  // Changes of single rows, with the notes in one transaction. Not for Platform Sync alone; where
  // it serves the rows as well, they are behind from then on. `columns`: as in ApplyOptions.
  Result<RowHandover> changes(const std::vector<Change>& changes,
                              const std::vector<Note>& notes = {},
                              const std::vector<std::string>& columns = {});

  // Whether Platform Sync serves something else than what was taken last, as the store knows: the
  // process ended in between, single rows have changed since, or another host has served it. Then
  // the whole table is due, whatever was taken of it.
  Result<bool> are_phones_behind() const;

  // Says in the log, of something that is taken all the same, that it may be cut off.
  void tell_open_end(const OpenEnd& end) const;

  // What is held now, if anything.
  std::optional<RowHandover> held() const {
    return held_ ? std::optional(held_->handover) : std::nullopt;
  }

  // Lets the table that is held go, whatever it deletes. `first` is needed for the first of a data
  // source; one that adopts may be held again, by what it would delete. kInvalidArgument: nothing
  // is held, or `first` is missing.
  Result<RowHandover> release(std::optional<FirstPublish> first);

  bool is_dry() const { return delivering_ == Delivering::kDry; }
  // Of a run that ends, which tells at its end what became of each source.
  bool is_reported() const { return delivering_ != Delivering::kReal; }
  bool pushes() const { return config_.deliver != Deliver::kSync; }
  bool serves() const { return config_.deliver != Deliver::kPush; }

  // The scope of this data source's notes, such as "source/OUTAGES/files".
  std::string scope(const std::string& what) const { return "source/" + config_.id + "/" + what; }
  Client& client() const { return parts_.client; }
  // The columns of the data source, as far as they are known.
  std::vector<std::string> known_columns() const {
    const Result<KnownSource> found = known();
    return found ? found->columns : std::vector<std::string>();
  }
  Result<KnownSource> known() const { return client().data_source(config_.id).known(); }

 private:
  struct Held {
    std::shared_ptr<KeptRows> rows;
    std::vector<Note> notes;
    RowHandover handover;
  };

  // Rows that a table lacks.
  struct Gone {
    std::int64_t rows = 0;
    bool is_much = false;  // more than a tenth of those that are known
  };

  static constexpr std::string_view kReleased = "released";

  Result<RowHandover> adopt();
  Result<void> check_whole(RowSource& rows, const OpenEnd& end);
  Result<void> check_whole(KeptRows& rows, const OpenEnd& end);
  Result<void> judge(const Gone& gone, const OpenEnd& end);
  Result<Gone> gone_from_platform(RowSource& rows) const;
  Result<std::int64_t> waiting_deletes() const;
  Result<std::vector<Note>> with_release_forgotten(std::vector<Note> notes) const;
  Result<RowHandover> push(RowSource& rows, const std::shared_ptr<KeptRows>& kept,
                           const std::vector<Note>& notes, Delivering delivering);
  Result<RowHandover> push_alone(RowSource& rows, const std::shared_ptr<KeptRows>& kept,
                                 const std::vector<Note>& notes);
  Result<RowHandover> push_and_serve(const std::shared_ptr<KeptRows>& rows,
                                     const std::vector<Note>& notes);
  Result<RowHandover> serve(const std::shared_ptr<KeptRows>& rows, const std::vector<Note>& notes);
  Result<RowHandover> hold(RowSource& rows, std::shared_ptr<KeptRows> kept,
                           const std::vector<Note>& notes, Delivering delivering, bool is_first);
  std::optional<RowHandover> guard_served(const std::shared_ptr<KeptRows>& rows) const;
  Result<std::string> served_by_the_store() const;
  Result<std::vector<Note>> with_served(std::vector<Note> notes, const std::string& text) const;
  Note served_note(const std::string& text) const;
  Result<bool> deletes_no_more(const PublishReport& trial, bool is_released) const;
  Result<std::optional<FirstPublish>> chosen_first() const;
  std::string in_words(std::string message) const;
  std::string to_let_go(Guard guard, std::int64_t deletes) const;
  PublishOptions options(std::optional<FirstPublish> first, const std::vector<Note>& notes,
                         Delivering delivering) const;
  RowHandover done(const PublishReport& report, Delivering delivering);

  const OrgParts& parts_;
  const SourceConfig& config_;
  const std::shared_ptr<ServedTable> served_;
  const Delivering delivering_;
  std::optional<Held> held_;
  bool is_open_end_told_ = false;
};

}  // namespace weir::daemon
