// Downloads: fetches files of form entries to disk, in as many requests as it takes.
//
// Exempt: no request costs a call. Bounded memory whatever the file's size. Safe to use from
// several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/file_download.h>
#include <weir/result.h>
#include <weir/transport.h>

#include <memory>
#include <stop_token>
#include <string>

#include "api/data_source_api.h"
#include "os/part_file.h"
#include "pipeline/answer.h"

namespace weir {

struct DownloadsOptions {
  // Whose files they are, so that bytes of one platform are not gone on with from another.
  std::string platform = {};
  // How long to go on without a byte arriving.
  Milliseconds wait = std::chrono::seconds{30};
  // A file is asked for in pieces that take about so long, and between two of them calls can have
  // the connection; a platform that serves no pieces sends it whole. 0: always whole.
  Milliseconds share_after = {};
};

class Downloads {
 public:
  Downloads(std::shared_ptr<Transport> transport, api::Credentials credentials,
            pipeline::Classifier classify, std::shared_ptr<Clock> clock, DownloadsOptions options);

  // As Client::download.
  Result<DownloadReport> download(const FileDownload& file, const std::stop_token& stop);

 private:
  Result<os::PartFile> open_part(const FileDownload& file) const;
  Result<void> fetch(const FileDownload& file, os::PartFile& part, const std::stop_token& stop,
                     DownloadReport& report);
  enum class Outcome { kWhole, kPiece };
  // `most`: of how many bytes a piece is; 0: all that follow.
  Result<Outcome> ask_once(const FileDownload& file, os::PartFile& part, std::int64_t most,
                           const std::stop_token& stop);

  const std::shared_ptr<Transport> transport_;
  const api::Credentials credentials_;
  const pipeline::Classifier classify_;
  const std::shared_ptr<Clock> clock_;
  const DownloadsOptions options_;
};

}  // namespace weir
