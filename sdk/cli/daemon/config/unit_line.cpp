#include "daemon/config/unit_line.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

bool is_in_a_unit() {
  const char* id = std::getenv("INVOCATION_ID");
  return id != nullptr && *id != '\0';
}

// The nearest folder above that is there.
fs::path existing(fs::path folder) {
  std::error_code unknown;
  while (folder.has_relative_path() && !fs::exists(folder, unknown)) folder = folder.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

// ProtectHome= makes these seem empty.
bool is_home(const std::string& path) {
  return path.starts_with("/home/") || path.starts_with("/root/") || path.starts_with("/run/user/");
}

}  // namespace

std::string unit_line(const std::string& line) {
  return is_in_a_unit() ? "; in the unit: " + line : "";
}

std::optional<std::string> folder_problem(const std::string& folder) {
  const fs::path there = existing(folder);
  std::error_code unknown;
  if (!fs::is_directory(there, unknown)) return there.string() + " is no folder";
  if (::access(there.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  const int reason = errno;
  return there.string() + ": " + std::strerror(reason) +
         (reason == EROFS   ? unit_line("ReadWritePaths=" + folder)
          : is_home(folder) ? unit_line("ProtectHome=no")
                            : "");
}

std::optional<std::string> reading_problem(const std::string& file) {
  if (::access(file.c_str(), R_OK) == 0) return std::nullopt;
  const int reason = errno;
  if (reason == ENOENT && !is_home(file)) return std::nullopt;
  return file + ": " + std::strerror(reason) +
         (is_home(file) ? unit_line("ProtectHome=read-only") : "");
}

}  // namespace weir::daemon
