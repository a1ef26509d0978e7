// QuietFile: whether a file that others write may be read: it was renamed into its place, or nobody
// has written to it for a while. A state machine that is told the time; a plain value.
#pragma once

#include <sys/stat.h>
#include <weir/clock.h>

#include <algorithm>
#include <optional>
#include <string>

#include "daemon/sources/folder_events.h"

namespace weir::daemon {

// A file as it was found by a look.
struct FoundFile {
  std::string version = {};  // differs when it was replaced, written, or its permissions changed
  TimePoint written_at = {};
  bool is_there = false;
};

FoundFile as_found(const struct stat& found);

// May take long where the file system does not answer.
FoundFile look_at(const std::string& path);

class QuietFile {
 public:
  // A writer that keeps the file open counts as one that has ended after so long without a word.
  static constexpr std::chrono::seconds kLongestPause{60};

  void note(const FoundFile& file, const std::optional<FolderEvents::Told>& told, TimePoint now,
            Milliseconds settle) {
    if (told) {
      is_being_written_ = told->is_being_written;
      if (told->was_moved_in) moved_in_ = file.version;
      if (told->is_being_written) since_ = now;
    }
    if (version_ == file.version) {
      // The clock was set back.
      since_ = std::min(since_, now);
      return;
    }
    // At the first look, a file that is older than that is whole.
    const bool is_old = !version_ && file.is_there && now - file.written_at >= settle;
    version_ = file.version;
    since_ = is_old ? now - settle : now;
  }

  const std::string& version() const { return *version_; }

  // When it may be read, if nobody writes to it before.
  TimePoint readable_at(TimePoint now, Milliseconds settle) const {
    if (moved_in_ == version_) return now;
    const Milliseconds pause =
        is_being_written_ ? std::max<Milliseconds>(settle, kLongestPause) : settle;
    return since_ + pause;
  }

 private:
  std::optional<std::string> version_;
  std::optional<std::string> moved_in_;  // the version that was renamed into its place
  TimePoint since_ = {};
  bool is_being_written_ = false;
};

}  // namespace weir::daemon
