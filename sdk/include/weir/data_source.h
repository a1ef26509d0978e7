// DataSource: a handle on one data source of the platform, identified by its ExternalId.
//
// Obtained from Client::data_source(); cheap to copy, safe to use from several threads, and must
// not outlive its Client. upsert(), erase(), set_cells() and apply() cost no call: when they
// return, the change is durable in the outbox, and it is sent when it is worth a call.
//
//   auto outages = client->data_source("OUTAGES");
//   if (auto kept = outages.upsert({"2467456", "Dinuba", "Crew on its way"}); !kept) return
//   report(kept.error());
#pragma once

#include <weir/export.h>
#include <weir/known_source.h>
#include <weir/note.h>
#include <weir/poll.h>
#include <weir/read_rows.h>
#include <weir/result.h>
#include <weir/row.h>
#include <weir/row_braces.h>
#include <weir/row_source.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

class Core;

// The first publish of a data source that this store has never seen.
enum class FirstPublish {
  kReplace,  // the snapshot replaces whatever rows the platform has
  kAdopt,    // read the platform's rows first, one call a page, and send only the difference
};

struct PublishOptions {
  // Empty: the rows are replaced, unless max_deletes or max_deletes_percent is set. Then the
  // publish is refused, for how many rows a replace would delete is not known.
  std::optional<FirstPublish> first = {};
  // Send all rows again, whatever the store knows of the platform's rows.
  bool replace = false;
  // Accept an empty snapshot although the platform has rows: it deletes them all.
  bool allow_empty = false;
  // Refuse a snapshot that would delete more rows than this, absolutely or in percent of the known
  // rows.
  std::optional<std::int64_t> max_deletes = {};
  std::optional<double> max_deletes_percent = {};
  // Refuse a snapshot that would delete more than half of the known rows, where 20 or more are
  // known: it may be a file that was cut off. For programs that ask nobody; does not count where
  // another limit or `replace` is set, and for an empty snapshot where `allow_empty` is.
  bool guard_deletes = false;
  // Also replace all rows where that takes more than one call, yet fewer than the difference: the
  // apps see an incomplete table between the first call and the last.
  bool allow_incomplete_replace = false;
  // Work out the difference and change nothing. Before a first publish that adopts, the platform's
  // rows are not known: the report then has the rows as `upserted`, which are the most, and no
  // more.
  bool dry_run = false;
  // Names of the columns, key first, when the caller knows them: they are kept, and needed for
  // set_cells().
  std::vector<std::string> columns = {};
  // Kept in the same transaction as the difference, also when there is none (weir/note.h).
  std::vector<Note> notes = {};
};

struct ApplyOptions {
  // Names of the columns of the upserts, key first, when the caller knows them: they are kept where
  // the store knows none, until a publish or the platform names others.
  std::vector<std::string> columns = {};
  // Kept in the same transaction as the changes (weir/note.h).
  std::vector<Note> notes = {};
};

struct PublishReport {
  std::int64_t rows = 0;
  std::int64_t upserted = 0;
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  // Rows that the platform has refused for good, as they are: not sent again (weir/outbox.h).
  std::int64_t set_aside = 0;
  // This store has not published or adopted the data source before.
  bool is_first = false;
  // The next call replaces whatever rows the platform has by these; how many that deletes is not
  // known where is_first is true.
  bool replaces_all_rows = false;
  // The platform may have other rows than it has acknowledged, since someone else has changed them.
  // A publish replaces them all then, where one call holds them all and no limit to deletes is set;
  // otherwise DataSource::diff() finds the differences, and `replace` sends all rows.
  bool doubtful = false;
  // It is so since the store was put back from a backup, or is a copy.
  bool store_was_put_back = false;
  std::int64_t calls = 0;  // spent by this publish itself: the pages read to adopt
  std::int64_t calls_needed =
      0;  // calls that sending the changes that now wait for this data source will take
};

// How many rows wait to be sent after a set of changes, and how many are as the platform has them
// already.
struct ApplyReport {
  std::int64_t upserted = 0;  // rows to insert, replace or change
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  std::int64_t set_aside = 0;  // as in PublishReport
};

// The numbers of changes that were sent, and that the platform refused for good.
struct SendReport {
  std::int64_t calls = 0;
  std::int64_t changes = 0;
  std::int64_t dead_letters = 0;
  std::string last_refusal = {};  // why the last dead letter was refused
};

struct Description {
  std::vector<std::string> columns;
  std::int64_t rows = 0;
  // The platform has more or fewer rows than it has acknowledged to Weir: somebody else changes
  // this data source. The next publish puts it right.
  bool changed_by_others = false;
};

class WEIR_EXPORT DataSource {
 public:
  const std::string& id() const { return id_; }

  // Inserts or replaces one row. kInvalidArgument: wrong number of cells, empty key or invalid
  // UTF-8.
  Result<void> upsert(Row row);
  // One pair of braces too many would make one cell of two pointers, silently.
  Result<void> upsert(OneRowTooDeep row) = delete;

  // Deletes one row. Costs nothing at all when the platform is known not to have it.
  Result<void> erase(std::string key);

  // Changes single cells of an existing row.
  Result<void> set_cells(std::string key, std::vector<CellUpdate> cells);

  // Several changes, kept all together or not at all; later ones win. Much faster than one by one.
  Result<ApplyReport> apply(const std::vector<Change>& changes, const ApplyOptions& options = {});

  // Hands over the whole data source: Weir works out the difference to what the platform has
  // acknowledged and keeps it in the outbox. The snapshot is checked first; a bad row refuses all
  // of it and names the row. Adopting costs a call a page; otherwise no call is spent here.
  Result<PublishReport> publish(const std::vector<Row>& rows, const PublishOptions& options = {});
  Result<PublishReport> publish(RowsTooDeep rows, const PublishOptions& options = {}) = delete;

  // The same for rows that come from elsewhere and need not fit into memory. The source's columns
  // are kept; PublishOptions::columns is not needed.
  Result<PublishReport> publish(RowSource& rows, const PublishOptions& options = {});

  // Sends the waiting changes of this data source now, at any price, until `deadline`. A change
  // that the platform refuses for good goes to the dead letters and is counted in the report.
  // kBudgetExhausted, kTimeout and the like: unsent changes stay in the outbox; `partial`, when
  // given, receives the report up to then.
  Result<SendReport> send(std::chrono::milliseconds deadline, SendReport* partial = nullptr);

  // Removes the waiting changes of this data source, such as one that the platform does not have;
  // returns how many they were. Dead letters stay. Costs no call. kBusy: another process
  // is sending just now.
  Result<std::int64_t> discard();

  // The record of the data source in this store. Costs no call.
  Result<KnownSource> known() const;

  // Begins to look for rows that others have changed: the first look hands over all rows, a later
  // one the differences from the look before. A look costs a call for each 1,250 rows
  // (CallLimits::page_rows), and one when the platform shows that nothing has changed. Changes of
  // our own are found too. One process at a time looks at a data source.
  Result<Poll> poll(ChangesHandler handler, const PollOptions& options = {});

  // Reads the columns and the number of rows. Costs one call; keeps the columns in the store.
  Result<Description> describe();

  // Reads all rows and hands them over page by page. Costs a call a page, announced before each
  // (ReadOptions::before_call), and more when calls fail. kConflict: the rows changed while they
  // were read. kBadResponse: rows are missing or malformed. kCancelled: before_call said no. Pages
  // that were handed over stay so.
  Result<ReadReport> read_rows(const PageSink& sink, const ReadOptions& options = {});

  // Compares these rows with those that the platform has, and changes nothing on the platform.
  // Costs what reading them does, and fails as that does; kInvalidArgument: a row is wrong, and no
  // call was made. Nobody of this store sends to the data source meanwhile. If Weir has published
  // the data source, this also corrects its record of the platform's rows.
  Result<DiffReport> diff(RowSource& rows, const DiffOptions& options = {});

 private:
  friend class Client;
  DataSource(std::shared_ptr<Core> core, std::string id)
      : core_(std::move(core)), id_(std::move(id)) {}

  std::shared_ptr<Core> core_;
  std::string id_;
};

}  // namespace weir::inline v0
