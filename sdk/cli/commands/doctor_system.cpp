#include "commands/doctor_system.h"

#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <weir/clock.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "output/report.h"

namespace weir::cli {
namespace {

// "Debian GNU/Linux 12 (bookworm)"
std::string distribution() {
  std::ifstream file("/etc/os-release");
  constexpr std::string_view kName = "PRETTY_NAME=";
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kName)) return line.substr(kName.size());
  }
  return "not known";
}

std::string kernel() {
  struct utsname names = {};
  if (::uname(&names) != 0) return "not known";
  return std::string(names.sysname) + " " + names.release + " " + names.machine;
}

std::string disk_of(const std::string& folder) {
  struct statvfs disk = {};
  if (::statvfs(folder.c_str(), &disk) != 0) return "cannot be looked at";
  const auto bytes = [&](std::uint64_t blocks) {
    return megabytes(static_cast<std::int64_t>(blocks * disk.f_frsize));
  };
  return bytes(disk.f_bavail) + " of " + bytes(disk.f_blocks) + " are free";
}

std::string limit(int resource) {
  struct rlimit found = {};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &found) != 0) return "not known";
  return found.rlim_cur == RLIM_INFINITY ? "none" : std::to_string(found.rlim_cur);
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "not set" : value;
}

std::string user_of(uid_t id) {
  const struct passwd* user = ::getpwuid(id);
  return user == nullptr ? std::to_string(id) : user->pw_name;
}

std::string facts_of(const struct stat& file) {
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(file.st_mode & 07777));
  return megabytes(file.st_size) + ", mode " + mode + ", of " + user_of(file.st_uid) +
         ", changed " + iso_time(TimePoint(std::chrono::seconds(file.st_mtim.tv_sec)));
}

}  // namespace

NamedTexts system_facts(const std::string& folder) {
  const auto pages = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES));
  return {{"distribution", distribution()},
          {"kernel", kernel()},
          {"processors", std::to_string(::sysconf(_SC_NPROCESSORS_ONLN))},
          {"memory", megabytes(pages * ::sysconf(_SC_PAGESIZE))},
          {"user", user_of(::geteuid())},
          {"open files allowed", limit(RLIMIT_NOFILE)},
          {"file size allowed", limit(RLIMIT_FSIZE)},
          {"TZ", variable("TZ")},
          {"LANG", variable("LANG")},
          {"state directory", folder},
          {"its disk", disk_of(folder)}};
}

NamedTexts store_files(const std::string& location) {
  NamedTexts files;
  if (location.find("://") != std::string::npos) return files;
  for (const char* suffix : {"", "-wal", "-shm", ".lock", ".seen"}) {
    struct stat found = {};
    const std::string path = location + suffix;
    if (::stat(path.c_str(), &found) == 0) files.emplace_back(path, facts_of(found));
  }
  return files;
}

}  // namespace weir::cli
