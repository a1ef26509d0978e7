#include "os/process.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string_view>

namespace weir::os {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// A number is given to a new process some time after the old one died, but the start differs.
std::string start_of(const std::string& number) {
  const std::string line = first_line("/proc/" + number + "/stat");
  // The program's name may hold spaces and brackets; the start is the 20th word after it.
  std::string_view rest(line);
  const std::size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos) return "";
  rest.remove_prefix(name_end + 1);
  for (int word = 0; word < 20; ++word) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return "";
    rest.remove_prefix(space + 1);
  }
  // A zombie holds no connection any more.
  const bool is_zombie = line.compare(name_end + 2, 1, "Z") == 0;
  return is_zombie ? "" : std::string(rest.substr(0, rest.find(' ')));
}

std::string place() {
  struct stat numbers = {};
  ::stat("/proc/self/ns/pid", &numbers);
  return host_id() + "/" + std::to_string(numbers.st_ino);
}

}  // namespace

std::int64_t process_id() { return ::getpid(); }

const std::string& host_id() {
  static const std::string kId = first_line("/proc/sys/kernel/random/boot_id");
  return kId;
}

std::string process_name() {
  const std::string number = std::to_string(process_id());
  return place() + "/" + number + "/" + start_of(number);
}

bool is_dead(const std::string& process_name) {
  const std::string here = place() + "/";
  if (process_name.rfind(here, 0) != 0) return false;
  const std::string rest = process_name.substr(here.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string::npos) return false;
  const std::string start = start_of(rest.substr(0, slash));
  return start.empty() || start != rest.substr(slash + 1);
}

}  // namespace weir::os
