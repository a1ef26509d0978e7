#include "os/temporary_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace weir::os {
namespace {

// Not every file system can make one without a name; then the name is taken away at once.
int open_in(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  std::string name = folder + "/weir-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

TemporaryFile make_temporary_file() {
  const char* set = std::getenv("TMPDIR");
  for (const char* folder : {set, "/tmp", "/var/tmp"}) {
    if (folder == nullptr || *folder == '\0') continue;
    if (const int file = open_in(folder); file >= 0) return {.descriptor = file, .place = folder};
  }
  const int memory = ::memfd_create("weir", MFD_CLOEXEC);
  return memory < 0 ? TemporaryFile{} : TemporaryFile{.descriptor = memory, .place = "memory"};
}

}  // namespace weir::os
