// Claims: which part of weir.toml has which listener, store, file and folder, so that no two have
// what only one of them can use.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daemon/config/addresses.h"
#include "daemon/config/finding.h"

namespace weir::daemon {

// A file or folder that a part of weir.toml uses.
struct FileUse {
  std::string path = {};
  std::string what = {};  // "the store"
  bool is_folder = false;
  bool is_alone = false;               // nobody else may use it; else only who claims it alone
  bool is_private = false;             // only for the same purpose, as a secret for several tables
  std::string setting = {};            // that names it,
  std::string place = {};              // in this table, as in "[poll.ENTRIES]"
  const toml::table* table = nullptr;  // none: nothing of the file is at fault
};

// Things that two parts of the file cannot both have: listeners, stores, and files that one of them
// writes. Files are known by what they are: links and "a/../b" lead to one.
class Claims {
 public:
  Claims(std::string settings_file, std::vector<Finding>& findings)
      : settings_file_(std::move(settings_file)), findings_(findings) {}

  // An address as in `listen`; a port that is picked conflicts with none.
  void listener(const std::string& text, const std::string& owner, const toml::table& table);

  // `thing` is what it is known by, whichever way it is spelled as `shown`.
  void take(const std::string& thing, const std::string& shown, const std::string& owner,
            const toml::table& table);

  // False when it is a fault.
  bool use(const FileUse& file);

  // Who has that file; null when nobody has.
  const FileUse* owner_of(const std::string& path) const;

  // Files of these names are taken out of the folder, which must be nobody else's. To be called
  // after the uses of all files.
  void take_from_folder(const FileUse& folder, const std::string& pattern);

 private:
  void fault(const FileUse& file, const std::string& what);
  std::string identity_of(const std::string& path) const;
  std::filesystem::path whole_path(const std::string& path) const;
  bool answers(const std::string& path) const;

  const std::string settings_file_;
  std::vector<Finding>& findings_;
  struct Listener {
    ListenAddress address;
    std::string owner;
  };
  std::map<std::string, std::string> owners_ = {};
  std::vector<Listener> listeners_ = {};
  std::map<std::string, FileUse> files_ = {};
  // Of paths that were looked along before.
  mutable std::map<std::string, bool> answers_ = {};
};

}  // namespace weir::daemon
