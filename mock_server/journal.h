// Journal: what the platform keeps over the death of its process: the changes of its data sources
// and the count of its calls.
//
// One line of JSON for each, written before the answer leaves, so a kill -9 loses nothing of it; a
// power loss may, since nothing is synced. Keys are not in it. Without a file nothing is kept. Safe
// to use from several threads at once.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "virtual_clock.h"
#include "wire.h"

namespace weir::mock {

struct CallCount {
  std::string day = {};
  std::int64_t calls = 0;
  std::int64_t refused = 0;
};

struct AppliedPut {
  Instant time = {};
  PutRequest request = {};
};

// The change that makes the data source what it is.
AppliedPut put_of(const DataSourceTable& table);

// What a journal holds.
struct Kept {
  std::optional<CallCount> count = {};
  std::vector<AppliedPut> puts = {};  // in the order in which they were applied
};

class Journal {
 public:
  Journal() = default;
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Reads what the file holds, and holds the file until the end; empty: there was none. Otherwise
  // what is wrong, for a person. A last line that was cut off by a kill was never answered and is
  // left out.
  std::variant<Kept, std::string> open(const std::string& path);

  // Begins the file anew with what it comes to by now; what is wrong, or nothing.
  std::string begin(const Kept& kept);

  // Ends the program when the file cannot be written: an answer would promise what is not kept.
  void keep(const CallCount& count);
  void keep(const AppliedPut& put);

 private:
  void write(const std::string& line);

  std::mutex mutex_;
  std::string path_;
  int file_ = -1;
};

}  // namespace weir::mock
