#include "daemon/once/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace weir::daemon {

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code failed;
  std::filesystem::path parent = std::filesystem::temp_directory_path(failed);
  if (failed) parent = "/tmp";
  std::string path = (parent / "weir-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr)
    return Error{.code = ErrorCode::kUnavailable,
                 .message = "no folder for a while can be made in " + parent.string() + ": " +
                            std::strerror(errno) + ". Set TMPDIR to a folder that can be written"};
  return ScratchFolder(std::move(path));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace weir::daemon
