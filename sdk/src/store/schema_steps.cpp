#include "store/schema_steps.h"

#include <array>

namespace weir::store {
namespace {

constexpr std::array<std::string_view, 8> kVersion1 = {
    // Calls spent per org day; closed: the platform has said that the day's limit is reached.
    R"(CREATE TABLE org_days (
         org_day TEXT NOT NULL PRIMARY KEY,
         used BIGINT NOT NULL,
         closed BIGINT NOT NULL DEFAULT 0))",
    // The usage log: one line per call, the newest ones.
    R"(CREATE TABLE calls (
         id BIGINT NOT NULL PRIMARY KEY,
         org_day TEXT NOT NULL,
         time_ms BIGINT NOT NULL,
         method TEXT NOT NULL,
         target TEXT NOT NULL,
         row_count BIGINT NOT NULL,
         status BIGINT,
         reason TEXT NOT NULL,
         charged BIGINT NOT NULL,
         process BIGINT NOT NULL))",
    // Leases that are held or rest after their holder died. Times are steady milliseconds of the
    // host.
    R"(CREATE TABLE leases (
         name TEXT NOT NULL PRIMARY KEY,
         deadline_ms BIGINT NOT NULL,
         rest_until_ms BIGINT))",
    // mirror_complete: rows that the mirror lacks are not on the platform. replace_next: the next
    // call carries Rows and so replaces whatever the platform has.
    R"(CREATE TABLE data_sources (
         id TEXT NOT NULL PRIMARY KEY,
         columns BYTEA,
         cells_per_row BIGINT,
         mirror_complete BIGINT NOT NULL DEFAULT 0,
         replace_next BIGINT NOT NULL DEFAULT 0))",
    // Durable pending changes, one per key. order_number rises with every change; stale_since_ms is
    // the first one's.
    R"(CREATE TABLE outbox (
         source TEXT NOT NULL,
         row_key TEXT NOT NULL,
         order_number BIGINT NOT NULL,
         kind BIGINT NOT NULL,
         cells BYTEA NOT NULL,
         stale_since_ms BIGINT NOT NULL,
         PRIMARY KEY (source, row_key)))",
    "CREATE INDEX outbox_in_order ON outbox (source, order_number)",
    // What the platform has acknowledged. hash is null while a call is or was under way whose end
    // is not known.
    R"(CREATE TABLE mirror (
         source TEXT NOT NULL,
         row_key TEXT NOT NULL,
         hash BYTEA,
         PRIMARY KEY (source, row_key)))",
    // Changes that the platform refused for good.
    R"(CREATE TABLE dead_letters (
         id BIGINT NOT NULL PRIMARY KEY,
         source TEXT NOT NULL,
         row_key TEXT NOT NULL,
         kind BIGINT NOT NULL,
         cells BYTEA NOT NULL,
         reason TEXT NOT NULL,
         time_ms BIGINT NOT NULL))",
};

constexpr std::array<std::string_view, 11> kVersion2 = {
    // accepted: the platform has answered a call of this day without saying that the limit is
    // reached. outside: calls that others than Weir are known to have spent. probe_at_ms: when one
    // call may look whether a closed day is open after all, in Unix milliseconds.
    "ALTER TABLE org_days ADD COLUMN accepted BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE org_days ADD COLUMN outside BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE org_days ADD COLUMN probe_at_ms BIGINT",
    // The line of a lease: how long its call may take, and who holds it (os/process.h).
    "ALTER TABLE leases ADD COLUMN call_time_ms BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE leases ADD COLUMN holder TEXT NOT NULL DEFAULT ''",
    // What a host knows of the server's clock (budget/server_clock.h). Times are milliseconds.
    R"(CREATE TABLE server_clocks (
         host TEXT NOT NULL PRIMARY KEY,
         steady_ms BIGINT NOT NULL,
         wall_ms BIGINT NOT NULL,
         lo_ms BIGINT NOT NULL,
         hi_ms BIGINT NOT NULL,
         doubt_lo_ms BIGINT,
         doubt_hi_ms BIGINT))",
    // How many connections the platform lets us have at present, and since when: one line, id 1.
    R"(CREATE TABLE connection_limit (
         id BIGINT NOT NULL PRIMARY KEY,
         allowed BIGINT NOT NULL,
         since_ms BIGINT NOT NULL))",
    // What was spent on, per org day.
    R"(CREATE TABLE call_totals (
         org_day TEXT NOT NULL,
         target TEXT NOT NULL,
         reason TEXT NOT NULL,
         calls BIGINT NOT NULL,
         row_count BIGINT NOT NULL,
         PRIMARY KEY (org_day, target, reason)))",
    "ALTER TABLE calls ADD COLUMN host TEXT NOT NULL DEFAULT ''",
    // Numbers by name (budget/counters.h).
    "CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
    // Which organization the store belongs to.
    "CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
};

// Platform Sync. An edition is a state of all served rows, named by the second that LastUpdated
// says (sync/change_log.h).
constexpr std::array<std::string_view, 9> kSync = {
    "CREATE TABLE sync_editions (edition BIGINT NOT NULL PRIMARY KEY)",
    // kept_since: the oldest edition whose rows can still be told. changed: the newest in which a
    // row or a user's scopes changed.
    R"(CREATE TABLE sync_sources (
         id TEXT NOT NULL PRIMARY KEY,
         number BIGINT NOT NULL,
         rule TEXT NOT NULL,
         kept_since BIGINT NOT NULL,
         changed BIGINT NOT NULL))",
    // The cells of rows, once for all versions and users that have them.
    "CREATE TABLE sync_contents (hash BYTEA NOT NULL PRIMARY KEY, cells BYTEA NOT NULL)",
    // Versions of rows: visible in the editions from from_edition on and before to_edition, to the
    // users who have the scope. place: where the row stands in a full answer.
    R"(CREATE TABLE sync_rows (
         id BIGINT NOT NULL PRIMARY KEY,
         source BIGINT NOT NULL,
         scope TEXT NOT NULL,
         place BIGINT NOT NULL,
         row_key TEXT NOT NULL,
         hash BYTEA NOT NULL,
         from_edition BIGINT NOT NULL,
         to_edition BIGINT NOT NULL))",
    "CREATE INDEX sync_rows_in_order ON sync_rows (source, scope, place)",
    "CREATE INDEX sync_rows_begun ON sync_rows (source, scope, from_edition)",
    "CREATE INDEX sync_rows_ended ON sync_rows (source, scope, to_edition)",
    "CREATE INDEX sync_rows_content ON sync_rows (hash)",
    // Which scopes a user has had, where they are not the same at all times.
    R"(CREATE TABLE sync_user_scopes (
         source BIGINT NOT NULL,
         user_name TEXT NOT NULL,
         scopes BYTEA NOT NULL,
         from_edition BIGINT NOT NULL,
         to_edition BIGINT NOT NULL,
         PRIMARY KEY (source, user_name, from_edition)))",
};

constexpr std::array<std::string_view, 6> kPolling = {
    // How far the entries of a form have been handled (polling/form_checkpoints.h). Times are Unix
    // milliseconds, those of receipt by the platform's clock.
    R"(CREATE TABLE form_polls (
         form TEXT NOT NULL PRIMARY KEY,
         newest_ms BIGINT,
         looked_at_ms BIGINT))",
    // Entries that were handled; received_ms is null of those that came by a connector.
    R"(CREATE TABLE handled_entries (
         form TEXT NOT NULL,
         entry_id TEXT NOT NULL,
         received_ms BIGINT,
         noted_ms BIGINT NOT NULL,
         PRIMARY KEY (form, entry_id)))",
    "CREATE INDEX handled_entries_by_time ON handled_entries (form, received_ms)",
    // Entries that came by a connector and are not handled yet.
    R"(CREATE TABLE delivered_entries (
         form TEXT NOT NULL,
         entry_id TEXT NOT NULL,
         json TEXT NOT NULL,
         noted_ms BIGINT NOT NULL,
         PRIMARY KEY (form, entry_id)))",
    // What the last look at a polled data source has seen (polling/polled_rows.h).
    R"(CREATE TABLE source_polls (
         source TEXT NOT NULL PRIMARY KEY,
         last_updated TEXT NOT NULL,
         row_count BIGINT NOT NULL,
         looked_at_ms BIGINT NOT NULL))",
    R"(CREATE TABLE polled_rows (
         source TEXT NOT NULL,
         row_key TEXT NOT NULL,
         hash BYTEA NOT NULL,
         PRIMARY KEY (source, row_key)))",
};

constexpr std::array<std::string_view, 5> kOutbox = {
    // revision rises with every change of the data source's mirror or outbox. digest: the sum of
    // the fingerprints of a snapshot's digest_rows rows that was just what the platform has at
    // digest_revision. updates_refused: the platform refuses cell updates that name all columns.
    "ALTER TABLE data_sources ADD COLUMN revision BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE data_sources ADD COLUMN digest BYTEA",
    "ALTER TABLE data_sources ADD COLUMN digest_rows BIGINT",
    "ALTER TABLE data_sources ADD COLUMN digest_revision BIGINT",
    "ALTER TABLE data_sources ADD COLUMN updates_refused BIGINT NOT NULL DEFAULT 0",
};

// What pacers have learned (pricing/pacing_memory.h). engine: which rules and prices the numbers
// belong to.
constexpr std::array<std::string_view, 3> kPacing = {
    R"(CREATE TABLE pacing_calls (
         engine BIGINT NOT NULL,
         slot BIGINT NOT NULL,
         calls BYTEA NOT NULL,
         PRIMARY KEY (engine, slot)))",
    R"(CREATE TABLE pacing_totals (
         engine BIGINT NOT NULL PRIMARY KEY,
         totals BYTEA NOT NULL,
         as_of_ms BIGINT NOT NULL))",
    // The last price that was solved, in thousandths; null: nothing may be spent. One line, id 1.
    R"(CREATE TABLE pacing_prices (
         id BIGINT NOT NULL PRIMARY KEY,
         price_milli BIGINT,
         solved_ms BIGINT NOT NULL))",
};

constexpr std::array<std::string_view, 3> kRefusals = {
    // suspect: one of a batch that was refused, in which the bad row is looked for. dropped: given
    // up by a person; kept so that the same row is not sent again.
    "ALTER TABLE outbox ADD COLUMN suspect BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE dead_letters ADD COLUMN dropped BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX dead_letters_by_key ON dead_letters (source, row_key)",
};

constexpr std::array<std::string_view, 1> kDrift = {
    // doubtful: 1: others change the platform's rows; 2: the store was put back or is a copy.
    "ALTER TABLE data_sources ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0",
};

// What polls have learned (polling/poll_memory.h), in thousandths.
constexpr std::array<std::string_view, 2> kPollRates = {
    R"(CREATE TABLE poll_rates (
         poll TEXT NOT NULL PRIMARY KEY,
         found_milli BIGINT NOT NULL,
         expected_milli BIGINT NOT NULL))",
    R"(CREATE TABLE poll_hours (
         hour BIGINT NOT NULL PRIMARY KEY,
         found_milli BIGINT NOT NULL,
         expected_milli BIGINT NOT NULL))",
};

constexpr std::array<std::string_view, 2> kRaw = {
    // Of the snapshot of the digest: the fingerprint of the source as it is kept, and how many of
    // its rows were set aside.
    "ALTER TABLE data_sources ADD COLUMN digest_raw BYTEA",
    "ALTER TABLE data_sources ADD COLUMN digest_set_aside BIGINT NOT NULL DEFAULT 0",
};

constexpr std::array<std::string_view, 1> kSyncGone = {
    // Of versions that are gone: forgetting the oldest must not look at all that are there. The
    // number is that of versions that have no end (sync/edition.h, kOpen).
    "CREATE INDEX sync_rows_gone ON sync_rows (to_edition) WHERE to_edition < 9223372036854775807",
};

constexpr std::array<std::string_view, 1> kArrivals = {
    // How often the rows of each data source change (pricing/pacing_memory.h), in thousandths; an
    // empty source: of all together. as_of_ms: when it was written.
    R"(CREATE TABLE pacing_arrivals (
         engine BIGINT NOT NULL,
         source TEXT NOT NULL,
         recent_milli BIGINT NOT NULL,
         changes_milli BIGINT NOT NULL,
         last_ms BIGINT NOT NULL,
         as_of_ms BIGINT NOT NULL,
         PRIMARY KEY (engine, source)))",
};

constexpr std::array<std::string_view, 4> kKinds = {
    // The recent ones by what they did to the row, and of all kinds the latest.
    "ALTER TABLE pacing_arrivals RENAME COLUMN recent_milli TO updated_milli",
    "ALTER TABLE pacing_arrivals ADD COLUMN inserted_milli BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE pacing_arrivals ADD COLUMN deleted_milli BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE pacing_arrivals ADD COLUMN just_now_milli BIGINT NOT NULL DEFAULT 0",
};

// What a LastUpdated says (sync/edition.h).
constexpr std::array<std::string_view, 6> kNames = {
    // name: a second that no other edition is told as. made: the second of the clock at that time.
    "ALTER TABLE sync_editions ADD COLUMN name BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE sync_editions ADD COLUMN made BIGINT NOT NULL DEFAULT 0",
    "UPDATE sync_editions SET name = edition, made = edition",
    "CREATE UNIQUE INDEX sync_editions_by_name ON sync_editions (name)",
    // The newest second of a clock that is a name, or was. One line, id 1.
    R"(CREATE TABLE sync_newest_second (
         id BIGINT NOT NULL PRIMARY KEY,
         second BIGINT NOT NULL))",
    "INSERT INTO sync_newest_second SELECT 1, coalesce(max(edition), 0) FROM sync_editions",
};

constexpr std::array<std::string_view, 2> kPollHabits = {
    // What else polls have learned (polling/poll_memory.h): of each, and of all together, one line,
    // id 1. poll_hours is what an older program has kept.
    "ALTER TABLE poll_rates ADD COLUMN habits BYTEA",
    R"(CREATE TABLE poll_common (
         id BIGINT NOT NULL PRIMARY KEY,
         habits BYTEA NOT NULL))",
};

// Platform Sync's fingerprints of rows have a secret (rows/keyed_hash.h). One line, id 1.
constexpr std::array<std::string_view, 1> kSyncSecret = {
    "CREATE TABLE sync_secret (id BIGINT NOT NULL PRIMARY KEY, secret BYTEA NOT NULL)",
};

constexpr std::array<std::string_view, 1> kHalts = {
    // Data sources that are not sent by themselves, or all of them (an empty source), until when.
    R"(CREATE TABLE halts (
         source TEXT NOT NULL PRIMARY KEY,
         reason TEXT NOT NULL,
         until_ms BIGINT NOT NULL))",
};

constexpr std::array<std::string_view, 2> kLetterIds = {
    // The last number given to a dead letter: none is given twice.
    "CREATE TABLE dead_letter_ids (last BIGINT NOT NULL)",
    "INSERT INTO dead_letter_ids (last) SELECT coalesce(max(id), 0) FROM dead_letters",
};

constexpr std::array<std::string_view, 4> kFaults = {
    // Whether others' calls are learned from a closed day; what the portal's count told of them.
    "ALTER TABLE org_days ADD COLUMN teaches BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE org_days ADD COLUMN told_outside BIGINT NOT NULL DEFAULT 0",
    // The largest request that somebody on the way to the platform takes; null: not known.
    "ALTER TABLE data_sources ADD COLUMN body_bytes BIGINT",
    // Refusals of single rows with the same words, nothing accepted in between (outbox/
    // request_faults.h). letters: the ids of their dead letters, separated by commas. waiting: the
    // fingerprint of what waited when it was found to be the request's fault; null before.
    R"(CREATE TABLE request_faults (
         source TEXT NOT NULL PRIMARY KEY,
         reason TEXT NOT NULL,
         words TEXT NOT NULL,
         letters TEXT NOT NULL,
         waiting BYTEA,
         settings TEXT NOT NULL,
         since_ms BIGINT NOT NULL))",
};

// What programs keep beside it (weir/note.h).
constexpr std::array<std::string_view, 1> kProgramNotes = {
    R"(CREATE TABLE notes (
         scope TEXT NOT NULL,
         name TEXT NOT NULL,
         body TEXT NOT NULL,
         PRIMARY KEY (scope, name)))",
};

constexpr std::array<std::string_view, 4> kQueuedEntries = {
    // Entries taken over from polls to be handed on (weir/entry_queue.h). dead: a dead letter.
    R"(CREATE TABLE queued_entries (
         number BIGINT NOT NULL PRIMARY KEY,
         queue TEXT NOT NULL,
         entry_id TEXT NOT NULL,
         body TEXT NOT NULL,
         received_ms BIGINT NOT NULL,
         kept_ms BIGINT NOT NULL,
         attempts BIGINT NOT NULL,
         due_ms BIGINT NOT NULL,
         reason TEXT NOT NULL,
         dead BIGINT NOT NULL,
         UNIQUE (queue, entry_id)))",
    "CREATE INDEX queued_entries_in_order ON queued_entries (queue, dead, number)",
    // The last number given to an entry: none is given twice.
    "CREATE TABLE queued_entry_numbers (last BIGINT NOT NULL)",
    "INSERT INTO queued_entry_numbers (last) VALUES (0)",
};

// The outbox's fingerprints of rows have a secret (rows/keyed_hash.h), which upgrade_schema()
// draws. One line, id 1. The mirror's are made anew when a row is handed over next; those of whole
// snapshots count no more.
constexpr std::array<std::string_view, 2> kRowSecret = {
    "CREATE TABLE row_secret (id BIGINT NOT NULL PRIMARY KEY, secret BYTEA NOT NULL)",
    "UPDATE data_sources SET digest_revision = NULL"};

constexpr std::array<std::string_view, 1> kServed = {
    // When some service was last known to serve it, in Unix seconds; 0: not known.
    "ALTER TABLE sync_sources ADD COLUMN served BIGINT NOT NULL DEFAULT 0"};

constexpr std::array<std::string_view, 3> kHistory = {
    // When rows changed and were sent (outbox/history.h): fingerprints of keys and rows, no cells.
    R"(CREATE TABLE history (
         number BIGINT NOT NULL PRIMARY KEY, time_ms BIGINT NOT NULL, source TEXT NOT NULL,
         kind BIGINT NOT NULL, body BYTEA NOT NULL))",
    // The last number, and how much space all of it takes. One line.
    "CREATE TABLE history_size (last BIGINT NOT NULL, bytes BIGINT NOT NULL)",
    "INSERT INTO history_size (last, bytes) VALUES (0, 0)"};

constexpr std::array<std::string_view, 1> kHistoryDeadlines = {
    // How long the changes of a line might wait by the settings of then; 0: for ever.
    "ALTER TABLE history ADD COLUMN deadline_ms BIGINT"};

constexpr std::array<std::string_view, 1> kApplied = {
    // The columns are those that single changes had; a snapshot may have others.
    "ALTER TABLE data_sources ADD COLUMN columns_of_apply BIGINT NOT NULL DEFAULT 0"};

constexpr std::array<std::span<const std::string_view>, 26> kSteps = {
    kVersion1,   kVersion2,   kSync,    kPolling,          kOutbox,   kPacing,       kRefusals,
    kDrift,      kPollRates,  kRaw,     kSyncGone,         kArrivals, kKinds,        kNames,
    kPollHabits, kSyncSecret, kHalts,   kLetterIds,        kFaults,   kProgramNotes, kQueuedEntries,
    kRowSecret,  kServed,     kHistory, kHistoryDeadlines, kApplied};

}  // namespace

std::span<const std::span<const std::string_view>> schema_steps() { return kSteps; }

}  // namespace weir::store
