// PartFile: a file that is not finished yet. It is written beside its final name, survives a crash
// together with what tells its version, and takes its final name in one step.
//
// TO.part holds the bytes; TO.part.version says of which remote file and which version of it they
// are. After a restart of the host the bytes are not trusted, since they were not synced. Readable
// by their owner only. A link is followed to the file that it leads to. Held by one process at a
// time, by a lock that dies with it. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "os/held_descriptor.h"

namespace weir::os {

class PartFile {
 public:
  // Opens what an earlier try for the same remote file has left, or begins. `remote` names it, in
  // any words. kBusy: another process is writing it. kInvalidArgument: it cannot be written,
  // or no plain file is there.
  static Result<PartFile> open(const std::string& final_path, const std::string& remote);

  PartFile(PartFile&& other) noexcept = default;
  PartFile& operator=(PartFile&& other) noexcept;
  ~PartFile();

  std::int64_t size() const { return size_; }
  // Version of the bytes on disk; empty when the download cannot be resumed.
  const std::string& version() const { return version_; }
  // How many bytes that version has in all, when it was told.
  const std::optional<std::int64_t>& total() const { return total_; }

  // Throws the bytes away; those that follow are of `version`.
  Result<void> restart(const std::string& version, std::optional<std::int64_t> total = {});

  // kStoreFull: the disk is full; what fitted stays.
  Result<void> append(std::string_view bytes);

  // Writes everything through to the disk, and renames.
  Result<void> finish();

  // Removes it.
  void discard();

 private:
  PartFile(std::string final_path, std::string remote, HeldDescriptor file);
  void unlock() const;
  std::string part_path() const { return final_path_ + ".part"; }
  std::string version_path() const { return final_path_ + ".part.version"; }
  std::string version_head() const;
  void read_what_is_there();
  Result<void> write_version() const;

  std::string final_path_;
  std::string remote_;
  HeldDescriptor file_;
  std::int64_t size_ = 0;
  std::string version_ = {};
  std::optional<std::int64_t> total_ = {};
};

}  // namespace weir::os
