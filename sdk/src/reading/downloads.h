// reading/: what the platform has, fetched: rows page by page, files.
//
// Downloads: fetches files of form entries to disk, in as many requests as it takes.
//
// Exempt: no request costs a call. Bounded memory whatever the file's size. Safe to use from
// several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/file_download.h>
#include <weir/result.h>

#include <memory>
#include <string>
#include <utility>

#include "api/platform.h"
#include "os/part_file.h"
#include "time/context.h"

namespace weir {

struct DownloadsOptions {
  // Whose files they are, so that bytes of one organization or platform are not gone on with from
  // another.
  std::string owner = {};
  // How long to go on without a byte arriving.
  Milliseconds wait = std::chrono::seconds{30};
  // A file is asked for in pieces that take about so long, and between two of them calls can have
  // the connection; a platform that serves no pieces sends it whole. 0: always whole.
  Milliseconds share_after = {};
};

class Downloads {
 public:
  Downloads(const api::Platform& platform, std::shared_ptr<Clock> clock, DownloadsOptions options)
      : platform_(platform), clock_(std::move(clock)), options_(std::move(options)) {}

  // As Client::download.
  Result<DownloadReport> download(const FileDownload& file, const Context& context);

 private:
  Result<os::PartFile> open_part(const FileDownload& file) const;
  Result<void> fetch(const FileDownload& file, os::PartFile& part, const Context& context,
                     DownloadReport& report);
  enum class Outcome { kWhole, kPiece };
  // `most`: of how many bytes a piece is; 0: all that follow.
  Result<Outcome> ask_once(const FileDownload& file, os::PartFile& part, std::int64_t most,
                           const Context& context);

  const api::Platform& platform_;
  const std::shared_ptr<Clock> clock_;
  const DownloadsOptions options_;
};

}  // namespace weir
