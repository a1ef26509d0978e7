#include "support/lossy_disk.h"

#include <algorithm>
#include <utility>

namespace weir::testing {

// As SQLite sees it; the real file follows it in memory.
struct LossyFile {
  sqlite3_file base;
  LossyDisk* disk;        // null: of another folder
  LossyDisk::File* kept;  // what is known of it

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  static LossyFile& of(sqlite3_file* file) { return *reinterpret_cast<LossyFile*>(file); }
  static sqlite3_file* real_of(sqlite3_file* file) { return of(file).real(); }
  static const sqlite3_io_methods& real_methods(sqlite3_file* file) {
    return *real_of(file)->pMethods;
  }

  static int close(sqlite3_file* file) { return real_methods(file).xClose(real_of(file)); }
  static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
    return real_methods(file).xRead(real_of(file), bytes, size, offset);
  }
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    of(file).note(
        {.offset = offset,
         .bytes = std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
    return real_methods(file).xWrite(real_of(file), bytes, size, offset);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    of(file).note({.offset = size, .truncates = true});
    return real_methods(file).xTruncate(real_of(file), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    LossyFile& self = of(file);
    if (self.disk != nullptr) {
      if (self.disk->before_each) self.disk->before_each();
      for (const auto& change : self.kept->later) LossyDisk::put(self.kept->synced, change);
      self.kept->later.clear();
      self.kept->exists = true;
    }
    return real_methods(file).xSync(real_of(file), flags);
  }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    return real_methods(file).xFileSize(real_of(file), size);
  }
  static int lock(sqlite3_file* file, int level) {
    return real_methods(file).xLock(real_of(file), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return real_methods(file).xUnlock(real_of(file), level);
  }
  static int is_reserved(sqlite3_file* file, int* is_it) {
    return real_methods(file).xCheckReservedLock(real_of(file), is_it);
  }
  static int control(sqlite3_file* file, int what, void* argument) {
    return real_methods(file).xFileControl(real_of(file), what, argument);
  }
  static int sector_size(sqlite3_file* file) {
    return real_methods(file).xSectorSize(real_of(file));
  }
  static int characteristics(sqlite3_file* file) {
    return real_methods(file).xDeviceCharacteristics(real_of(file));
  }

  void note(LossyDisk::Unsynced change) const {
    if (disk == nullptr) return;
    if (disk->before_each) disk->before_each();
    kept->later.push_back(std::move(change));
  }
};

namespace {

constexpr std::size_t kSector = 512;

// SQLite's functions have no place for an object.
LossyDisk* the_disk = nullptr;

const sqlite3_io_methods kMethods = {.iVersion = 1,
                                     .xClose = &LossyFile::close,
                                     .xRead = &LossyFile::read,
                                     .xWrite = &LossyFile::write,
                                     .xTruncate = &LossyFile::truncate,
                                     .xSync = &LossyFile::sync,
                                     .xFileSize = &LossyFile::size,
                                     .xLock = &LossyFile::lock,
                                     .xUnlock = &LossyFile::unlock,
                                     .xCheckReservedLock = &LossyFile::is_reserved,
                                     .xFileControl = &LossyFile::control,
                                     .xSectorSize = &LossyFile::sector_size,
                                     .xDeviceCharacteristics = &LossyFile::characteristics,
                                     // Of later versions: shared memory and mapped files.
                                     .xShmMap = nullptr,
                                     .xShmLock = nullptr,
                                     .xShmBarrier = nullptr,
                                     .xShmUnmap = nullptr,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

}  // namespace

LossyDisk::LossyDisk(std::string folder)
    : folder_(std::move(folder)), real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
  vfs_.zName = "lossy";
  vfs_.szOsFile = static_cast<int>(sizeof(LossyFile)) + real_->szOsFile;
  vfs_.xOpen = &LossyDisk::open;
  vfs_.xDelete = &LossyDisk::remove;
  the_disk = this;
  sqlite3_vfs_register(&vfs_, 1);
}

LossyDisk::~LossyDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
  the_disk = nullptr;
}

LossyDisk::Files LossyDisk::after_power_loss(std::mt19937& random) const {
  Files files;
  for (const auto& [path, file] : files_) {
    std::string content = file.synced;
    bool exists = file.exists;
    std::vector<Unsynced> later = file.later;
    std::shuffle(later.begin(), later.end(), random);
    for (Unsynced& change : later) {
      if (random() % 2 == 0) continue;
      exists = true;
      if (random() % 4 == 0)
        change.bytes.resize(random() % (change.bytes.size() / kSector + 1) * kSector);
      put(content, change);
    }
    if (exists) files[path.substr(folder_.size() + 1)] = content;
  }
  return files;
}

void LossyDisk::put(std::string& content, const Unsynced& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.truncates) {
    if (offset < content.size()) content.resize(offset);
    return;
  }
  if (content.size() < offset + change.bytes.size()) content.resize(offset + change.bytes.size());
  content.replace(offset, change.bytes.size(), change.bytes);
}

int LossyDisk::open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags,
                    int* out_flags) {
  LossyFile& opened = LossyFile::of(file);
  const bool is_ours = name != nullptr && std::string(name).starts_with(the_disk->folder_ + "/");
  opened.disk = is_ours ? the_disk : nullptr;
  opened.kept = is_ours ? &the_disk->files_[name] : nullptr;
  const int status = the_disk->real_->xOpen(the_disk->real_, name, opened.real(), flags, out_flags);
  opened.base.pMethods = status == SQLITE_OK ? &kMethods : nullptr;
  return status;
}

int LossyDisk::remove(sqlite3_vfs*, const char* name, int sync_folder) {
  the_disk->files_.erase(name);
  return the_disk->real_->xDelete(the_disk->real_, name, sync_folder);
}

}  // namespace weir::testing
