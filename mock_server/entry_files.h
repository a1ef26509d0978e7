// EntryFiles: the photos, signatures and other files of form entries. Large ones are made up byte
// by byte as they are read, so none is held in memory. Safe to use from several threads at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "virtual_clock.h"

namespace weir::mock {

struct EntryFile {
  std::string content = {};
  // Instead of content: so many bytes that differ with the seed.
  std::int64_t generated_size = 0;
  std::uint64_t seed = 0;
  bool ranges = true;      // whether a part can be asked for
  bool validators = true;  // whether ETag and Last-Modified tell the version
  // Set when it is added.
  std::string version = {};
  Instant changed = {};

  std::int64_t size() const {
    return generated_size > 0 ? generated_size : static_cast<std::int64_t>(content.size());
  }
  std::string bytes(std::int64_t from, std::int64_t count) const;
};

class EntryFiles {
 public:
  // Replaces a file of the same name.
  void add(const std::string& entry, const std::string& name, EntryFile file, Instant now);

  // Null when there is no such file. An entry to which none was added has every file that is asked
  // for: one line of text.
  std::shared_ptr<const EntryFile> find(const std::string& entry, const std::string& name) const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t added_ = 0;
  std::map<std::string, std::map<std::string, std::shared_ptr<const EntryFile>>> entries_;
};

}  // namespace weir::mock
