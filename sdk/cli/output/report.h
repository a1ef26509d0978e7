// What the commands print: one JSON object or a few readable lines on standard output. Pure
// functions.
#pragma once

#include <weir/error.h>
#include <weir/file_download.h>
#include <weir/usage.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::cli {

// The report of `weir push` and `weir apply`: what was planned, and what has happened. An empty
// member is not known, which is never shown as 0.
struct SendSummary {
  std::string source = {};
  std::int64_t rows = 0;
  std::int64_t to_upsert = 0;
  std::int64_t to_delete = 0;
  std::int64_t unchanged = 0;
  std::int64_t sent = 0;                     // changes that the platform has accepted
  std::optional<std::int64_t> waiting = {};  // changes that are still in the outbox
  std::int64_t waiting_deletes = 0;          // those of them that delete a row
  std::int64_t calls = 0;
  std::optional<std::int64_t> calls_left = {};
  std::int64_t dead_letters = 0;
  std::int64_t set_aside = 0;       // refused for good earlier, and the same as then
  bool is_first = false;            // the store did not know the data source
  bool is_unheard_of = false;       // nor did anything wait for it
  bool replaces_all_rows = false;   // whatever the platform has
  bool doubtful = false;            // the platform may have other rows than the store knows of
  bool store_was_put_back = false;  // that is why
  bool dry_run = false;
  bool is_of_kept = false;                // no rows were read: what was kept before was sent
  bool has_failed = false;                // the sending ended with an error
  bool was_given_up = false;              // after it nothing was kept, so that nothing waits either
  std::optional<std::int64_t> kept = {};  // nothing was to be sent: changes left to weir run
};

std::string as_json(const SendSummary& summary);
std::string as_text(const SendSummary& summary);

// The report of `weir download`.
struct DownloadSummary {
  std::string entry = {};
  std::string file = {};
  std::string to = {};
  DownloadReport report = {};
};

std::string as_json(const DownloadSummary& summary);
std::string as_text(const DownloadSummary& summary);

// 12.3 MB; below one, bytes
std::string megabytes(std::int64_t bytes);

// With the place of the store, unless it is empty.
std::string as_json(const Usage& usage, const StoreState& store = {});
std::string as_text(const Usage& usage, const StoreState& store);

// The place, as messages name it.
std::string shown_place(const StoreState& store);

// That the day's calls are spent, how much waits, and when it can be sent.
std::string day_spent(const Usage& usage, const std::optional<std::int64_t>& waiting);

// {"error":{"code","message"}}
std::string as_json(const Error& error);

// The calls that are left, or that they are not known: ", 2,499 left today".
std::string left_today(const std::optional<std::int64_t>& calls_left);

// 2026-11-24T08:00:00Z
std::string iso_time(TimePoint time);

}  // namespace weir::cli
