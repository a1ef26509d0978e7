#include "daemon/sources/file_origin.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "daemon/sources/file_rows.h"
#include "daemon/sources/quiet_file.h"
#include "input/input_error.h"

namespace weir::daemon {
namespace {

class WatchedFile final : public OriginReader {
 public:
  WatchedFile(const SourceConfig& config, const FileOrigin& file,
              std::shared_ptr<FolderWatch> watch, Waker waker)
      : file_(file),
        name_(std::filesystem::path(file.path).filename()),
        events_(std::move(watch), std::filesystem::path(file.path).parent_path(), name_,
                std::move(waker)),
        rows_(file_rows(file.path, file.kind, options_of(config))) {}

  Due due(TimePoint now) override {
    const std::map<std::string, FolderEvents::Told> told = events_.take();
    const auto own = told.find(name_);
    quiet_.note(look_at(file_.path), own == told.end() ? std::nullopt : std::optional(own->second),
                now, file_.settle);
    const TimePoint look = now + look_every();
    if (read_ == quiet_.version()) {
      unread_since_.reset();
      return {.next = look};
    }
    if (!unread_since_ || *unread_since_ > now) unread_since_ = now;
    const TimePoint readable = quiet_.readable_at(now, file_.settle);
    if (readable <= now) return {.is_now = true, .is_retry = tried_ == quiet_.version()};
    const bool takes_long = now - *unread_since_ >= std::max(kLong, 10 * file_.settle);
    return {.is_coming = true,
            .warning = takes_long ? never_quiet() : "",
            .next = std::min(readable, look)};
  }

  Result<OriginReading> read(SourceDelivery& delivery, TimePoint, const std::stop_token&) override {
    const std::string version = look_at(file_.path).version;
    tried_ = version;
    unread_since_.reset();
    // A pipe would be waited for, and a device has no end.
    struct stat found = {};
    if (::stat(file_.path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) {
      read_ = version;
      return cli::input_error(file_.path, "it is no regular file");
    }
    known_columns_ = delivery.known_columns();
    Result<RowHandover> handover =
        delivery.table(*rows_, {}, open_end_of(file_.path, file_.kind, file_.format, file_.path));
    // What is wrong with the file is right again when it has changed.
    if (handover || handover.error().code == ErrorCode::kInvalidArgument) read_ = version;
    return reading_of(std::move(handover));
  }

  std::string what_to_do(const Error& error) const override {
    return error.code == ErrorCode::kInvalidArgument ? "mend the file; nothing was changed"
                                                     : "it is tried again by itself";
  }

 private:
  // Longer than a writer that keeps the file open is waited for.
  static constexpr Milliseconds kLong = 2 * QuietFile::kLongestPause;

  std::string never_quiet() const {
    return file_.path +
           " is written to again and again, without a pause as long as settle, so its newest rows "
           "have not been read for minutes; write it beside and rename it, or set a shorter settle";
  }

  cli::RowSourceOptions options_of(const SourceConfig& config) const {
    cli::RowSourceOptions options = reader_options(config, file_.format);
    options.known_columns = [this] { return known_columns_; };
    return options;
  }

  Milliseconds look_every() const {
    // What a link leads to may change anywhere.
    std::error_code ignored;
    const bool is_link = std::filesystem::is_symlink(file_.path, ignored);
    constexpr std::chrono::seconds kOften{10};
    return is_link ? std::min<Milliseconds>(kOften, events_.look_every()) : events_.look_every();
  }

  const FileOrigin file_;
  const std::string name_;
  FolderEvents events_;
  std::vector<std::string> known_columns_;
  const std::unique_ptr<RowSource> rows_;
  QuietFile quiet_;
  std::optional<TimePoint> unread_since_;  // from then on there was something that was not read
  std::string tried_;                      // the version that was read last,
  std::string read_;                       // and the last one of which all is known
};

}  // namespace

std::unique_ptr<OriginReader> make_file_origin(const SourceConfig& config, const FileOrigin& file,
                                               std::shared_ptr<FolderWatch> watch, Waker waker) {
  return std::make_unique<WatchedFile>(config, file, std::move(watch), std::move(waker));
}

}  // namespace weir::daemon
