// TakenFiles: which files of a folder were taken already, as the store has it. Not thread-safe.
#pragma once

#include <weir/note.h>
#include <weir/result.h>

#include <map>
#include <string>

#include "daemon/sources/delivery.h"
#include "daemon/sources/dropped_files.h"

namespace weir::daemon {

class TakenFiles {
 public:
  // Reads what the store has, once. What is said of files that are not there any more is forgotten:
  // another one may come by the same name.
  Result<void> load(const SourceDelivery& delivery, const DroppedFiles& files);

  // Size, moment, number and content of a file: what it is known by.
  static Result<std::string> identity_of(const cli::PinnedFile& file);

  bool has(const std::string& name, const std::string& identity) const;
  Note note(const SourceDelivery& delivery, const std::string& name,
            const std::string& identity) const;
  // To be called once the note is kept.
  void add(const std::string& name, const std::string& identity) { known_[name] = identity; }
  // The file has left the folder.
  Result<void> forget(const SourceDelivery& delivery, const std::string& name);

 private:
  bool is_loaded_ = false;
  std::map<std::string, std::string> known_;  // identities by name
};

}  // namespace weir::daemon
