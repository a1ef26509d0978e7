// What the operating system knows of the store's file, asked without opening it: opening and
// closing a database file by hand would drop the locks that SQLite holds on it in the same process.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::os {

// Creates an empty file that only its owner may read, unless it is there. kStoreUnusable: the
// folder is missing or not writable, the path is no plain file, its file system is read-only, the
// file is marked read-only (also for root, who could write it all the same), or the folder is on a
// network file system, whose locks do not hold.
Result<void> prepare_store_file(const std::string& path);

// Of a store that is only looked at. kStoreUnusable: there is nothing, or what is there is a
// folder, a pipe or a device; opening such a thing may wait for ever.
Result<void> check_store_kind(const std::string& path);

// Which file a path leads to now; empty when there is none.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  bool operator==(const FileId&) const = default;
};
std::optional<FileId> id_of_file(const std::string& path);

// The folder that a path is in; "." is the current one.
std::string folder_of(const std::string& path);

// The path from the root, links in its folder resolved where that can be done.
std::string absolute_path(const std::string& path);

// When root has made a file beside a store, gives it to the owner of its folder, whom it would lock
// out otherwise. Other users give nothing away, nor does root a file that has another name too.
void give_to_owner_of_folder(int descriptor, const std::string& path);

// The number of a file in its file system and when it was made, such as "131@1764567000123456789".
// They survive a rename; the number alone may be given again to the next file that is made. Without
// the moment where the file system keeps none; "0" when there is no such file.
std::string file_number(const std::string& path);

// The id of this machine, which survives a restart; empty where it has none, as in most containers.
std::string machine_id();

// Whether a file system of this type, as statfs() numbers them, is shared over a network.
bool is_network_file_system(std::uint32_t type);

}  // namespace weir::os
