// What weir.toml says of a data source that `weir run` keeps fresh: where its rows come from, what
// guards them, and to whom they go. Plain values, complete and checked; paths are absolute.
#pragma once

#include <weir/clock.h>
#include <weir/data_source.h>
#include <weir/secret.h>
#include <weir/sync/user_rule.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/finding.h"
#include "input/row_sources.h"
#include "input/text_format.h"
#include "push_settings.h"

namespace weir::daemon {

// When something is read again: each so often, or at times of day in the organization's zone. Both
// empty: once at the start, and when a person asks.
struct Schedule {
  std::optional<Milliseconds> every = {};
  std::vector<std::chrono::minutes> at = {};  // since midnight, in order
};

// Where a database is: the address as in weir.toml, with the paths of SQLite files absolute, and
// its password when a file of its own holds it.
struct DatabaseConfig {
  std::string address = {};
  Secret password = {};  // empty: none, or in the address
};

enum class FileKind { kCsv, kNdjson, kJson };

// A file that is watched.
struct FileOrigin {
  std::string path = {};
  FileKind kind = FileKind::kCsv;
  cli::TextFormat format = {};
  Milliseconds settle = std::chrono::seconds{2};  // of a write in place
};

// A folder that files are dropped into.
struct DirectoryOrigin {
  enum class Content { kChanges, kSnapshot };
  enum class Done { kMove, kDelete, kKeep };
  std::string path = {};
  std::string pattern = "*";
  Content content = Content::kChanges;
  Done done = Done::kMove;
  std::string move_to = {};  // of kMove, absolute
  std::string failed = {};   // where a refused file goes, absolute
  cli::TextFormat format = {};
  Milliseconds settle = std::chrono::seconds{2};
};

// Rows that have changed since the last time are asked for by :since.
struct Follow {
  std::string column = {};
  Milliseconds overlap = std::chrono::minutes{10};
  std::optional<std::string> deleted = {};  // a column that is true for deleted rows
  std::optional<Milliseconds> reconcile = {};
};

struct QueryOrigin {
  DatabaseConfig database = {};
  std::string query = {};
  std::optional<Follow> follow = {};
  Schedule schedule = {};
  Milliseconds timeout = std::chrono::minutes{10};
};

struct CommandOrigin {
  std::vector<std::string> command = {};  // the program, then its arguments
  FileKind kind = FileKind::kCsv;
  std::string rows = {};  // of kJson: a JSON pointer to the array; empty: the whole output
  cli::TextFormat format = {};
  Schedule schedule = {};
  Milliseconds timeout = std::chrono::minutes{10};
};

struct HttpOrigin {
  std::string url = {};  // https, or http of this machine
  Secret header = {};    // a whole line, "Authorization: Bearer …"; empty: none
  std::string ca_file = {};
  FileKind kind = FileKind::kJson;
  std::string rows = {};  // of kJson: a JSON pointer to the array; empty: the whole document
  cli::TextFormat format = {};
  Schedule schedule = {};
  Milliseconds timeout = std::chrono::minutes{2};
};

using Origin = std::variant<FileOrigin, DirectoryOrigin, QueryOrigin, CommandOrigin, HttpOrigin>;

// To whom the rows go.
enum class Deliver { kPush, kSync, kBoth };

// What Platform Sync gives of a data source, and to whom.
struct ServedConfig {
  UserRule rule = {};
  std::vector<std::string> columns = {};  // empty: all
  Milliseconds read_again_after = std::chrono::seconds{1};
};

struct SourceConfig {
  std::string id = {};
  // Empty: the table has no origin; it holds weight and the like for other programs that push.
  std::optional<Origin> origin = {};
  std::optional<std::string> key = {};  // empty: the first column
  std::vector<cli::SourceColumn> columns = {};
  cli::PushSettings guards = {};  // first and max_deletes, where they are said
  Deliver deliver = Deliver::kPush;
  std::optional<ServedConfig> served = {};  // of kSync and kBoth
  Place place = {};
  bool is_sound = true;  // else it cannot be built, and why is told
  // Differs when anything of the table, or a secret that it names, differs: a reload leaves alone
  // what is the same.
  std::string fingerprint = {};
};

}  // namespace weir::daemon
