// LineFile: a file that lines are appended to, each whole and durable or not there. Used by
// append_recipient() alone. For one thread.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <string>

#include "daemon/process/child.h"

namespace weir::daemon {

class LineFile {
 public:
  explicit LineFile(std::string path) : path_(std::move(path)) {}

  // Opens it when it is not open, or not the file of this path any more; creates it with mode 0600.
  // Returns how many bytes of a torn line were cut off. kUnavailable: it cannot be, now.
  // kInvalidArgument: the file is something else, of which nothing is cut off.
  Result<std::int64_t> open();

  // Of the open file.
  std::int64_t size() const { return size_; }
  TimePoint changed_at() const;

  // On the disk when it returns; after an error nothing of it is there.
  Result<void> append(const std::string& lines);

  // Renames it; the next open() begins a new one.
  Result<void> move_to(const std::string& name);

  void close() { file_.close(); }

 private:
  bool is_still_there() const;
  Result<std::int64_t> cut_torn_line();
  bool begins_object(std::int64_t at) const;
  Error problem(const std::string& what) const;
  Error is_something_else();

  const std::string path_;
  Descriptor file_;
  std::int64_t size_ = 0;
};

}  // namespace weir::daemon
