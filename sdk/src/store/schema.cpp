#include "store/schema.h"

#include <array>

namespace weir::store {
namespace {

constexpr std::array<std::string_view, 8> kTables = {
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
    // What is known of a data source. mirror_complete: rows that the mirror lacks are not on the
    // platform.
    // replace_next: the next call carries Rows and so replaces whatever the platform has.
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

}  // namespace

std::span<const std::string_view> schema() { return kTables; }

}  // namespace weir::store
