// Two kinds of file systems that do not answer, for a program that a test starts: a mount by FUSE
// whose server never reads a request, where this machine lets the test mount one, and calls that a
// preloaded library does not let come back (silent_files.cpp).
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

// The test must not look into the folder while it is mounted: it would hang as well.
class FuseMount {
 public:
  explicit FuseMount(std::string folder)
      : folder_(std::move(folder)), server_(::open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    // Of this thread and of what it starts; the kernel takes it away with them.
    is_there_ =
        server_ >= 0 && ::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount(
            "silent", folder_.c_str(), "fuse", 0,
            ("fd=" + std::to_string(server_) + ",rootmode=40000,user_id=0,group_id=0").c_str()) ==
            0;
  }
  ~FuseMount() {
    if (server_ >= 0) ::close(server_);
    if (is_there_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  FuseMount(const FuseMount&) = delete;
  FuseMount& operator=(const FuseMount&) = delete;

  bool is_there() const { return is_there_; }

 private:
  const std::string folder_;
  const int server_;
  bool is_there_ = false;
};

enum class Silence { kInjected, kMounted };

// The kinds that this machine and this build can make.
inline std::vector<Silence> kinds_of_silence() {
  std::vector<Silence> kinds;
#ifdef WEIR_SILENT_FILES
  kinds.push_back(Silence::kInjected);
#endif
  const TemporaryFolder folder;
  const FuseMount tried(folder.path().string());
  if (tried.is_there()) kinds.push_back(Silence::kMounted);
  return kinds;
}

#ifdef WEIR_SILENT_FILES
// A folder whose files do not answer to a program with this environment, while the test wants so.
class SilentFolder {
 public:
  explicit SilentFolder(std::string folder) : folder_(std::move(folder)) {
    put(".mounts", "1 0 0:1 / / rw - tmpfs none rw\n2 1 0:2 / " + folder_ + " rw - nfs none rw\n");
  }

  Environment environment() const {
    return {{"LD_PRELOAD", WEIR_SILENT_FILES}, {"WEIR_TEST_SILENT", folder_}};
  }
  void fall_silent() const { put(".silent", ""); }
  void answer() const { std::filesystem::remove(folder_ + ".silent"); }
  // Its files are there, but to open one takes for ever.
  void be_unreadable() const { put(".unreadable", ""); }

  // The calls that have not come back at once.
  std::size_t waited() const {
    std::error_code none;
    const auto size = std::filesystem::file_size(folder_ + ".waiting", none);
    return none ? 0 : static_cast<std::size_t>(size);
  }

 private:
  void put(const std::string& end, const std::string& content) const {
    std::ofstream(folder_ + end) << content;
  }

  const std::string folder_;
};
#endif

}  // namespace weir::testing
