// The commands of weir: each reads its input, drives a Client and prints a report. They return the
// exit code.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "settings.h"

namespace weir::cli {

// Where the rows of a data source come from: one of csv, ndjson, and sql with query.
struct RowsArguments {
  std::optional<std::string> csv = {};
  std::optional<std::string> ndjson = {};
  std::optional<std::string> sql = {};
  std::optional<std::string> query = {};
  std::optional<std::int64_t> query_timeout = {};  // seconds
  std::optional<std::string> key = {};
  std::optional<std::string> columns = {};  // NAME or NAME=COLUMN, separated by commas
  std::optional<std::string> delimiter = {};
  std::optional<std::string> encoding = {};
};

struct PushArguments {
  std::string source = {};
  RowsArguments rows = {};
  std::optional<std::string> first = {};  // replace or adopt
  bool replace = false;
  bool allow_empty = false;
  bool allow_incomplete_replace = false;
  bool allow_cut_off = false;
  bool allow_key_zero = false;
  std::optional<std::string> max_deletes = {};  // N or P%
  bool dry_run = false;
  bool keep = false;  // hand the changes over, and leave the sending to weir run
};

struct DiffArguments {
  std::string source = {};
  RowsArguments rows = {};
  std::int64_t limit = 100;
  std::optional<std::int64_t> max_calls = {};
  bool exit_code = false;
};

struct ApplyArguments {
  std::string source = {};
  std::string changes = {};
  std::optional<std::string> key = {};
  std::optional<std::string> delimiter = {};
  std::optional<std::string> encoding = {};
  bool fill_empty = false;  // an upsert may leave columns out
  bool allow_key_zero = false;
  bool keep = false;  // as in PushArguments
};

struct UsageArguments {
  std::optional<std::int64_t> calibrate = {};  // the portal's number of calls today
  bool yes = false;                            // it is meant, however unlikely
  bool moves_time_zone = false;                // the organization has
  bool watch = false;
  bool metrics = false;
};

// Of `weir outbox list|send|retry|drop`.
struct OutboxArguments {
  enum class Verb { kList, kSend, kRetry, kDrop };
  Verb verb = Verb::kList;
  std::optional<std::int64_t> id = {};
  std::optional<std::string> source = {};
  std::optional<std::string> key = {};
  bool all = false;
  bool waiting = false;  // of drop: what waits, and no dead letters
};

// Of `weir entries list|retry|drop`.
struct EntriesArguments {
  enum class Verb { kList, kRetry, kDrop };
  Verb verb = Verb::kList;
  std::vector<std::string> ids = {};
  std::optional<std::string> poll = {};
  bool all = false;
};

// Either form or source; either to or exec, or standard output.
struct PollArguments {
  std::optional<std::string> form = {};
  std::optional<std::string> source = {};
  std::optional<std::string> to = {};
  std::optional<std::string> exec = {};
  std::optional<std::string> since = {};
  bool once = false;
  std::optional<std::int64_t> max = {};
  std::optional<int> receiver_port = {};  // deliveries of the form connector; 0: any free one
};

struct BackfillArguments {
  std::string form = {};
  std::optional<std::string> poll = {};  // whose handler gets them; default that of weir poll
  std::string from = {};                 // days, both included
  std::string to = {};
  std::optional<std::int64_t> max_calls = {};
  bool yes = false;  // do not ask
};

struct DownloadArguments {
  std::string entry = {};
  std::string file = {};
  std::string to = {};  // empty: the file's name, in the current folder
  std::int64_t max_bytes = 256 * 1024 * 1024;
};

struct ForgetArguments {
  std::string source = {};
  bool yes = false;  // it is meant
};

struct CallArguments {
  std::string method = {};
  std::string path = {};
  std::vector<std::string> query = {};  // NAME=VALUE
  std::string body = {};                // a file, or - for standard input
  std::string to = {};
  std::string reason = "call";
  std::optional<double> worth = {};  // in stale row-seconds
  bool dry_run = false;
};

struct SimulateArguments {
  std::string changes = {};
  std::optional<std::string> initial = {};
  std::string source_column = {};
  std::string key_column = {};
  std::string mode = "push";
  std::string policy = "price";
  std::optional<std::string> weights = {};
  std::optional<std::string> deadlines = {};
  std::optional<std::string> schedule = {};
  std::optional<std::string> plot = {};
};

// `replay.changes` is empty: advice from the store.
struct AdviseArguments {
  SimulateArguments replay = {};
};

struct ServeArguments {
  std::vector<std::string> explain = {};  // EMAIL and ID, or nothing
  bool start_anew = false;
};

struct OutputArguments {
  bool json = false;
  bool quiet = false;
  std::chrono::seconds wait = std::chrono::seconds{30};
};

int push(const SettingFlags& settings, const PushArguments& arguments,
         const OutputArguments& output);
int diff(const SettingFlags& settings, const DiffArguments& arguments,
         const OutputArguments& output);
int apply(const SettingFlags& settings, const ApplyArguments& arguments,
          const OutputArguments& output);
int forget(const SettingFlags& settings, const ForgetArguments& arguments,
           const OutputArguments& output);
int call(const SettingFlags& settings, const CallArguments& arguments,
         const OutputArguments& output);
int download(const SettingFlags& settings, const DownloadArguments& arguments,
             const OutputArguments& output);
int simulate(const SettingFlags& settings, const SimulateArguments& arguments,
             const OutputArguments& output);
int outbox(const SettingFlags& settings, const OutboxArguments& arguments,
           const OutputArguments& output);
int entries(const SettingFlags& settings, const EntriesArguments& arguments,
            const OutputArguments& output);
int poll(const SettingFlags& settings, const PollArguments& arguments,
         const OutputArguments& output);
int backfill(const SettingFlags& settings, const BackfillArguments& arguments,
             const OutputArguments& output);
int usage(const SettingFlags& settings, const UsageArguments& arguments,
          const OutputArguments& output);

int advise(const SettingFlags& settings, const AdviseArguments& arguments,
           const OutputArguments& output);

int serve(const SettingFlags& settings, const ServeArguments& arguments,
          const OutputArguments& output);

}  // namespace weir::cli
