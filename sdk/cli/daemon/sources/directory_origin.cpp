#include "daemon/sources/directory_origin.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "daemon/sources/dropped_files.h"
#include "daemon/sources/file_rows.h"
#include "daemon/sources/taken_files.h"
#include "input/changes_file.h"
#include "input/input_error.h"
#include "input/setting_words.h"

namespace weir::daemon {
namespace {

FileKind kind_of(const std::string& name) {
  return cli::form_by_name(name) == cli::FileForm::kNdjson ? FileKind::kNdjson : FileKind::kCsv;
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

class Directory final : public OriginReader {
 public:
  Directory(SourceConfig config, const DirectoryOrigin& directory,
            std::shared_ptr<FolderWatch> watch, Waker waker)
      : config_(std::move(config)),
        directory_(directory),
        files_(directory, std::move(watch), std::move(waker)) {}

  Due due(TimePoint now) override {
    const Result<void> looked = files_.look(now);
    if (!looked) {
      // That it cannot be listed is told by a reading.
      const bool is_told = folder_problem_ == looked.error().message;
      if (is_told) return {.next = now + files_.look_every()};
      return {.is_now = true};
    }
    if (!folder_problem_.empty() || files_.others() != told_others_) return {.is_now = true};
    const std::vector<std::string> waiting = unsettled();
    if (waiting.empty()) return {.next = now + files_.look_every()};
    // The next in order, or of snapshots the newest: no other may go before it.
    const std::string& first = is_snapshot() ? waiting.back() : waiting.front();
    const TimePoint readable = files_.readable_at(first, now);
    if (readable <= now) return {.is_now = true, .is_retry = has_failed_};
    return {.is_coming = true, .next = std::min(readable, now + files_.look_every())};
  }

  Result<OriginReading> read(SourceDelivery& delivery, TimePoint now,
                             const std::stop_token& stop) override {
    has_failed_ = true;
    if (const Result<void> looked = files_.look(now); !looked) {
      folder_problem_ = looked.error().message;
      return looked.error();
    }
    folder_problem_.clear();
    told_others_ = files_.others();
    if (Result<void> loaded = taken_.load(delivery, files_); !loaded) return loaded.error();
    Result<OriginReading> reading =
        is_snapshot() ? read_newest(delivery, now) : read_in_order(delivery, now, stop);
    if (!reading) return reading;
    has_failed_ = false;
    if (!told_others_.empty())
      reading->warning =
          directory_.path + "/" + *told_others_.begin() +
          " is no file but a link or a pipe, so it is not taken" +
          (told_others_.size() > 1
               ? "; neither are " + std::to_string(told_others_.size() - 1) + " others"
               : "");
    if (const auto held = delivery.held()) reading->handover = *held;
    return reading;
  }

  void released() override {
    settled_.clear();
    if (held_) taken_.add(held_->first, held_->second);
    held_.reset();
  }

  std::string what_to_do(const Error& error) const override {
    if (error.code == ErrorCode::kInvalidArgument && folder_problem_.empty())
      return "mend the file in " + directory_.failed + " and drop it again";
    return "it is tried again by itself";
  }

 private:
  bool is_snapshot() const { return directory_.content == DirectoryOrigin::Content::kSnapshot; }

  // Those of which not all is done yet. What is kept or held stays in the folder.
  std::vector<std::string> unsettled() const {
    std::vector<std::string> names = files_.names();
    std::erase_if(names, [&](const std::string& name) {
      const auto found = settled_.find(name);
      return found != settled_.end() && found->second == files_.version(name);
    });
    // A snapshot that is held is the newest until a person has released it, or it has gone.
    if (held_ && files_.has(held_->first))
      std::erase_if(names, [&](const std::string& name) { return name < held_->first; });
    return names;
  }

  Result<OriginReading> read_in_order(SourceDelivery& delivery, TimePoint now,
                                      const std::stop_token& stop) {
    OriginReading total{.handover = {.are_changes = true}};
    for (const std::string& name : unsettled()) {
      if (stop.stop_requested() || files_.readable_at(name, now) > now) break;
      const Result<std::optional<cli::PinnedFile>> file = files_.pin(name);
      // The next look tells what has come by this name; no other may go before it.
      if (file && !*file) break;
      const Result<std::string> identity =
          file ? TakenFiles::identity_of(**file) : Result<std::string>(file.error());
      Result<RowHandover> applied =
          identity ? apply(delivery, name, *identity) : Result<RowHandover>(identity.error());
      if (!applied) {
        if (!is_there(files_.path(name))) continue;
        if (applied.error().code != ErrorCode::kInvalidArgument) return applied.error();
        if (Result<void> refused = refuse(delivery, name, applied.error(), total); !refused)
          return refused.error();
        continue;
      }
      total.handover.add(*applied);
      if (Result<void> finished = finish(delivery, name); !finished) return finished.error();
    }
    return total;
  }

  Result<RowHandover> apply(SourceDelivery& delivery, const std::string& name,
                            const std::string& identity) {
    if (taken_.has(name, identity)) return RowHandover{};
    const Result<KnownSource> known = delivery.known();
    if (!known) return known.error();
    cli::KnownColumns columns{.names = known->columns, .are_certain = known->are_columns_certain};
    if (columns.names.empty()) {
      columns.are_certain = true;
      for (const cli::SourceColumn& column : config_.columns) columns.names.push_back(column.name);
    }
    const std::optional<std::string> key = columns.names.empty() ? config_.key : std::nullopt;
    const Result<cli::ChangesFile> file =
        cli::read_changes(files_.path(name), key, directory_.format, columns);
    if (!file) return cli::with_settings(file.error());
    if (file->open_end)
      delivery.tell_open_end({.place = cli::at_line(files_.path(name), *file->open_end)});
    Result<RowHandover> applied =
        delivery.changes(file->changes, {taken_.note(delivery, name, identity)}, file->columns);
    if (applied && !delivery.is_dry()) taken_.add(name, identity);
    if (applied || !applied.error().position) return applied;
    Error error = cli::with_advice(applied.error());
    error.message =
        cli::at_line(files_.path(name), file->lines.at(*error.position - 1)) + ": " + error.message;
    return cli::with_settings(std::move(error));
  }

  // The newest that is good wins; what is older is done with, unread.
  Result<OriginReading> read_newest(SourceDelivery& delivery, TimePoint now) {
    OriginReading total;
    std::vector<std::string> names = unsettled();
    std::reverse(names.begin(), names.end());
    bool has_won = has_newer_settled(names);
    for (const std::string& name : names) {
      if (files_.readable_at(name, now) > now) break;
      if (!has_won) {
        const Result<std::optional<cli::PinnedFile>> file = files_.pin(name);
        if (file && !*file) break;
        Result<RowHandover> published =
            file ? publish(delivery, name, **file) : Result<RowHandover>(file.error());
        if (!published) {
          if (!is_there(files_.path(name))) continue;
          if (published.error().code != ErrorCode::kInvalidArgument) return published.error();
          if (Result<void> refused = refuse(delivery, name, published.error(), total); !refused)
            return refused.error();
          continue;
        }
        total.handover = *published;
        if (published->is_held) {
          settled_[name] = files_.version(name);
          return total;
        }
      }
      if (Result<void> finished = finish(delivery, name); !finished) return finished.error();
      has_won = true;
    }
    return total;
  }

  // A file that is kept in the folder, and newer by its name than all that are to be read.
  bool has_newer_settled(const std::vector<std::string>& newest_first) const {
    if (newest_first.empty() || settled_.empty()) return false;
    return settled_.rbegin()->first > newest_first.front() &&
           files_.has(settled_.rbegin()->first) && directory_.done == DirectoryOrigin::Done::kKeep;
  }

  Result<RowHandover> publish(SourceDelivery& delivery, const std::string& name,
                              const cli::PinnedFile& file) {
    const Result<std::string> identity = TakenFiles::identity_of(file);
    if (!identity) return identity.error();
    const Result<bool> are_behind = delivery.are_phones_behind();
    if (!are_behind) return are_behind.error();
    if (taken_.has(name, *identity) && !*are_behind) return RowHandover{};
    cli::RowSourceOptions options = reader_options(config_, directory_.format);
    options.known_columns = [&] { return delivery.known_columns(); };
    const std::string path = files_.path(name);
    const FileKind kind = kind_of(name);
    Result<RowHandover> published =
        delivery.table(*file_rows(path, kind, options), {taken_.note(delivery, name, *identity)},
                       open_end_of(path, kind, directory_.format, path));
    held_.reset();
    if (!published) return published;
    // What is held is noted when it is released.
    if (published->is_held) {
      held_ = std::pair(name, *identity);
    } else {
      taken_.add(name, *identity);
    }
    return published;
  }

  Result<void> finish(const SourceDelivery& delivery, const std::string& name) {
    const std::string version = files_.version(name);
    if (delivery.is_dry()) {
      settled_[name] = version;
      return {};
    }
    if (Result<void> finished = files_.finish(name); !finished) return finished;
    if (directory_.done != DirectoryOrigin::Done::kKeep) return taken_.forget(delivery, name);
    settled_[name] = version;
    return {};
  }

  Result<void> refuse(const SourceDelivery& delivery, const std::string& name, const Error& error,
                      OriginReading& total) {
    total.refused.push_back(cli::input_error(
        name, "refused, and moved to " + directory_.failed + ": " + error.message));
    if (delivery.is_dry()) {
      settled_[name] = files_.version(name);
      return {};
    }
    return files_.refuse(name, error.message);
  }

  const SourceConfig config_;
  const DirectoryOrigin directory_;
  DroppedFiles files_;
  TakenFiles taken_;
  std::map<std::string, std::string> settled_;  // versions of what stays in the folder, by name
  std::optional<std::pair<std::string, std::string>> held_;  // name and identity
  std::string folder_problem_;
  std::set<std::string> told_others_;
  bool has_failed_ = false;
};

}  // namespace

std::unique_ptr<OriginReader> make_directory_origin(const SourceConfig& config,
                                                    const DirectoryOrigin& directory,
                                                    std::shared_ptr<FolderWatch> watch,
                                                    Waker waker) {
  return std::make_unique<Directory>(config, directory, std::move(watch), std::move(waker));
}

}  // namespace weir::daemon
