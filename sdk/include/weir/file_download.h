// FileDownload: a photo, signature or other file of a form entry, fetched into a file on disk.
//
// Costs no call (docs/platform-facts.md, "Limits"). The bytes go to `to` + ".part" while they
// arrive; the finished file is renamed into place, so `to` is never seen half written. A download
// that was cut short goes on where it stopped, also in another process, unless the file has changed
// meanwhile. A symbolic link at `to` stays, and the file that it leads to is replaced. Plain values
// without threads.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace weir::inline v0 {

struct DownloadProgress {
  std::int64_t bytes = 0;  // on disk so far
  // The whole file, when the platform says its size.
  std::optional<std::int64_t> total = {};
};

struct FileDownload {
  std::string entry_id = {};
  // As the entry names it.
  std::string file_name = {};
  // Where the file goes; a file that is there is replaced. Its folder must exist.
  std::string to = {};
  // A larger file is refused, as early as its size is known. The platform takes no file over 75 MB.
  std::int64_t max_bytes = 256 * 1024 * 1024;
  // How long one request may take; the next one asks for the missing part.
  Milliseconds request_timeout = std::chrono::minutes{10};
  // Called as bytes arrive. False stops the download (kCancelled), which may be resumed later; so
  // does an exception.
  std::function<bool(const DownloadProgress&)> on_progress = {};
};

struct DownloadReport {
  std::int64_t bytes = 0;
  // Bytes that were there already from an earlier try.
  std::int64_t resumed_from = 0;
  std::int64_t requests = 0;
};

}  // namespace weir::inline v0
