#include "os/process.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <optional>
#include <string_view>

namespace weir::os {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

struct Start {
  std::string text;  // empty: not known
  bool is_zombie = false;
};

// A number is given to a new process some time after the old one died, but the start differs.
Start start_of(const std::string& number) {
  const std::string line = first_line("/proc/" + number + "/stat");
  // The program's name may hold spaces and brackets; the start is the 20th word after it.
  std::string_view rest(line);
  const std::size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos) return {};
  rest.remove_prefix(name_end + 1);
  for (int word = 0; word < 20; ++word) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return {};
    rest.remove_prefix(space + 1);
  }
  // A zombie holds no connection any more.
  const bool is_zombie = line.compare(name_end + 2, 1, "Z") == 0;
  return {.text = std::string(rest.substr(0, rest.find(' '))), .is_zombie = is_zombie};
}

std::string place() {
  struct stat numbers = {};
  ::stat("/proc/self/ns/pid", &numbers);
  return host_id() + "/" + std::to_string(numbers.st_ino);
}

}  // namespace

std::int64_t process_id() { return ::getpid(); }

// The namespace in which a system starts has a number of its own, and no part in the id, which is
// that of earlier versions.
std::string read_host_id() {
  constexpr ino_t kFirstTimeNamespace = 0xEFFFFFFA;
  std::string id = first_line("/proc/sys/kernel/random/boot_id");
  struct stat numbers = {};
  const bool is_told = ::stat("/proc/self/ns/time", &numbers) == 0;
  if (is_told && numbers.st_ino != kFirstTimeNamespace)
    id += "-time-" + std::to_string(numbers.st_ino);
  return id;
}

const std::string& host_id() {
  static const std::string kId = read_host_id();
  return kId;
}

std::string process_name() {
  const std::string number = std::to_string(process_id());
  return place() + "/" + number + "/" + start_of(number).text;
}

namespace {

enum class Fate { kAlive, kDead, kUnknown };

// A process number of this host and namespace, and when it started; empty when the name is of
// another place, or of a system that tells neither.
struct Named {
  pid_t number = 0;
  std::string start;
};

std::optional<Named> named_here(const std::string& process_name) {
  const std::string here = place() + "/";
  const bool is_known = !host_id().empty() && !here.ends_with("/0/");
  if (!is_known || process_name.rfind(here, 0) != 0) return std::nullopt;
  const std::string_view rest = std::string_view(process_name).substr(here.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) return std::nullopt;
  Named named{.start = std::string(rest.substr(slash + 1))};
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + slash, named.number);
  if (error != std::errc{} || end != rest.data() + slash || named.number <= 0) return std::nullopt;
  return named;
}

// Where processes of other users are hidden, /proc says nothing of one that lives (hidepid=2).
Fate fate_of(const std::string& process_name) {
  const std::optional<Named> named = named_here(process_name);
  if (!named) return Fate::kUnknown;
  if (::kill(named->number, 0) != 0 && errno == ESRCH) return Fate::kDead;
  const Start start = start_of(std::to_string(named->number));
  if (start.is_zombie) return Fate::kDead;
  if (start.text.empty()) return Fate::kUnknown;
  return start.text == named->start ? Fate::kAlive : Fate::kDead;
}

}  // namespace

bool is_dead(const std::string& process_name) { return fate_of(process_name) == Fate::kDead; }

bool is_alive(const std::string& process_name) { return fate_of(process_name) == Fate::kAlive; }

}  // namespace weir::os
