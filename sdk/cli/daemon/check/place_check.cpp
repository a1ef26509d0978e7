#include "daemon/check/place_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "daemon/check/listener_check.h"
#include "daemon/config/unit_line.h"
#include "daemon/control/control_socket.h"
#include "daemon/control/daemon_lock.h"
#include "settings_file.h"
#include "store/sqlite_look.h"
#include "store/store.h"

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

// Of Weir's own, which the start opens or makes.
std::optional<std::string> own_file_problem(const std::string& path) {
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  if (!S_ISREG(found.st_mode))
    return path + " is no plain file, but Weir has one of that name; move it away";
  if (::access(path.c_str(), R_OK | W_OK) == 0) return std::nullopt;
  return path + " is another user's; change its owner, or give another folder";
}

std::optional<std::string> store_problem(const std::string& location,
                                         const std::string& state_directory) {
  if (const auto objection = store::objection_to_location(location))
    return store::shown_location(location) + " " + *objection;
  if (location.find("://") != std::string::npos) return std::nullopt;
  const std::string path = cli::absolute_path(location);
  const std::string folder = fs::path(path).parent_path().string();
  struct stat found = {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISLNK(found.st_mode))
    return path + " is a link; give the path of the store's own file";
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) return path + ": " + std::strerror(errno);
    std::error_code unknown;
    if (!fs::exists(folder, unknown) && folder == state_directory) return std::nullopt;
    if (!fs::is_directory(folder, unknown))
      return "the folder of the store is not there. Run: mkdir -p " + folder +
             unit_line("StateDirectory=weir");
  } else if (!S_ISREG(found.st_mode)) {
    return path + " is no file; give the path of a file in a folder";
  } else if (::access(path.c_str(), R_OK | W_OK) != 0) {
    return path + " cannot be read and written by this user; change its owner or permissions" +
           unit_line("ReadWritePaths=" + folder);
  } else if (const Result<void> looked = store::look_first(path); !looked) {
    return looked.error().message;
  }
  if (auto problem = own_file_problem(path + ".lock")) return problem;
  const auto problem = folder_problem(folder);
  if (!problem) return std::nullopt;
  return "the folder of the store cannot be written: " + *problem;
}

class PlaceCheck {
 public:
  explicit PlaceCheck(const DaemonConfig& config)
      : config_(config), is_running_(DaemonLock::is_taken(config.daemon.state_directory)) {}

  std::vector<Finding> run() && {
    const DaemonSettings& daemon = config_.daemon;
    // Of a file that could not be read nothing is known.
    if (daemon.state_directory.empty()) return {};
    look_at_state(daemon.state_directory, daemon.state_directory_place);
    listener(daemon.listen_place, "listen", daemon.listen);
    listener(daemon.receive_place, "receive", daemon.receive);
    for (const OrgConfig& org : config_.orgs) {
      if (!org.client.store.empty()) {
        if (const auto problem = store_problem(org.client.store, daemon.state_directory))
          fault(org.store_place, "store cannot be used: " + *problem);
      }
      if (org.sync) listener(org.sync->place, "listen", org.sync->listen);
    }
    return std::move(findings_);
  }

 private:
  // The start makes it where it can.
  void look_at_state(const std::string& folder, const Place& place) {
    if (const auto problem = control_path_problem(folder)) return fault(place, *problem);
    if (const auto problem = DaemonLock::problem(folder)) return fault(place, *problem);
    std::error_code unknown;
    if (const auto problem = folder_problem(folder)) {
      fault(place, "state_directory cannot be " +
                       std::string(fs::exists(folder, unknown) ? "used: " : "made: ") + *problem +
                       unit_line("StateDirectory=weir"));
    } else if (!fs::exists(folder, unknown)) {
      findings_.push_back(warning_at(
          place, "state_directory is not there yet: " + folder + unit_line("StateDirectory=weir")));
    }
    for (const char* name : {"daemon.lock", "notify.json"}) {
      if (const auto problem = own_file_problem((fs::path(folder) / name).string()))
        fault(place, "state_directory cannot be used: " + *problem);
    }
    std::error_code absent;
    const std::string socket = control_path(folder);
    const auto kind = fs::symlink_status(socket, absent).type();
    if (kind != fs::file_type::not_found && kind != fs::file_type::socket)
      fault(place, "state_directory cannot be used: " + socket +
                       " is no socket, but weir run has one of that name; move it away");
  }

  void fault(const Place& place, const std::string& text) {
    findings_.push_back(fault_at(place, text));
  }

  void listener(const Place& place, const std::string& name, const std::string& address) {
    const auto parsed = listen_address(address);
    if (!parsed) return;
    const ListenerProblem problem = listener_problem(*parsed);
    if (problem.text.empty()) return;
    if (!problem.is_taken) {
      fault(place, name + " cannot be listened at: " + address + " " + problem.text);
    } else if (!is_running_) {
      findings_.push_back(
          warning_at(place, name + ": another program listens at " + address + " now"));
    }
  }

  const DaemonConfig& config_;
  const bool is_running_;  // then what is taken is probably its own
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_places(const DaemonConfig& config) { return PlaceCheck(config).run(); }

}  // namespace weir::daemon
