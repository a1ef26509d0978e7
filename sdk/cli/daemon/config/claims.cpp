#include "daemon/config/claims.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "daemon/config/table_reader.h"
#include "input/path_look.h"
#include "signals.h"

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

// By its name alone.
fs::path plain(const std::string& path) {
  std::error_code unknown;
  const fs::path whole = fs::absolute(path, unknown);
  return (unknown ? fs::path(path) : whole).lexically_normal();
}

fs::path canonical(const std::string& path) {
  std::error_code unknown;
  // Of a relative one that is not there, weakly_canonical() would leave the folder out.
  const fs::path whole = fs::absolute(path, unknown);
  const fs::path found = unknown ? fs::path() : fs::weakly_canonical(whole, unknown);
  return unknown ? fs::path(path).lexically_normal() : found;
}

}  // namespace

// Each is looked along once, for the others may be many.
bool Claims::answers(const std::string& path) const {
  const auto [found, is_new] = answers_.try_emplace(path, true);
  if (is_new) found->second = cli::look_along(path, cli::stop_of_process()).has_value();
  return found->second;
}

fs::path Claims::whole_path(const std::string& path) const {
  return answers(path) ? canonical(path) : plain(path);
}

// A file that is there has one number, whatever leads to it.
std::string Claims::identity_of(const std::string& path) const {
  struct stat found = {};
  if (answers(path) && ::stat(path.c_str(), &found) == 0)
    return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
  std::string text = whole_path(path).string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

void Claims::listener(const std::string& text, const std::string& owner, const toml::table& table) {
  const auto address = listen_address(text);
  if (!address || (address->socket.empty() && address->port == 0)) return;
  const auto found = std::find_if(listeners_.begin(), listeners_.end(), [&](const Listener& other) {
    return clash(*address, other.address);
  });
  if (found == listeners_.end()) return listeners_.push_back({*address, owner});
  TableReader(table, owner, settings_file_, findings_)
      .fault("has the address " + text + ", which " + found->owner + " has already");
}

void Claims::take(const std::string& thing, const std::string& shown, const std::string& owner,
                  const toml::table& table) {
  const auto [found, is_new] = owners_.emplace(thing, owner);
  if (is_new) return;
  TableReader(table, owner, settings_file_, findings_)
      .fault("has " + shown + ", which " + found->second + " has already");
}

bool Claims::use(const FileUse& file) {
  if (file.path.empty()) return true;
  const auto [found, is_new] = files_.emplace(identity_of(file.path), file);
  if (is_new) return true;
  const FileUse& other = found->second;
  // What is wrong with one table by itself is told by its reader.
  const bool is_same_table = !file.place.empty() && other.place == file.place;
  const bool is_apart = other.is_private != file.is_private;
  if (file.table == nullptr || is_same_table || (!other.is_alone && !file.is_alone && !is_apart))
    return true;
  fault(file, "is " + fs::path(file.path).lexically_normal().string() + ", which is " + other.what +
                  "; give another");
  return false;
}

const FileUse* Claims::owner_of(const std::string& path) const {
  const auto found = files_.find(identity_of(path));
  return found == files_.end() ? nullptr : &found->second;
}

void Claims::take_from_folder(const FileUse& folder, const std::string& pattern) {
  if (folder.path.empty()) return;
  const std::string identity = identity_of(folder.path);
  for (const auto& [key, file] : files_) {
    const fs::path path = whole_path(file.path);
    if (identity_of(path.parent_path().string()) != identity) continue;
    if (file.is_folder || ::fnmatch(pattern.c_str(), path.filename().c_str(), FNM_PERIOD) != 0)
      continue;
    fault(folder, "takes each file of " + folder.path + " that is named like " + pattern +
                      ", so also " + path.filename().string() + ", which is " + file.what +
                      "; give a folder for dropped files alone");
  }
}

// Told beside what else is wrong with the setting.
void Claims::fault(const FileUse& file, const std::string& what) {
  const TableReader reader(*file.table, file.place, settings_file_, findings_);
  findings_.push_back(
      fault_at(reader.where(file.setting),
               file.setting + (file.place.empty() ? "" : " in " + file.place) + " " + what));
}

}  // namespace weir::daemon
