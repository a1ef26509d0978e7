#include "daemon/process/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>

#include "daemon/process/run_process.h"

namespace weir::daemon {
namespace {

constexpr const char* kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

// The programs under way, so that nobody else reaps them.
std::mutex mutex;
std::set<pid_t>& running() {
  static auto& processes = *new std::set<pid_t>;
  return processes;
}

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Error no_more(const std::string& what) {
  return {.code = ErrorCode::kUnavailable,
          .message = "the system gives no " + what + ": " + std::strerror(errno)};
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends = {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return no_more("pipe");
  // Only our end: the program's own reads and writes wait as it expects.
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Pipe{.read_end = Descriptor(ends[0]), .write_end = Descriptor(ends[1])};
}

// A file without a name: the program reads it at its own pace, and nobody waits for it.
Result<Descriptor> make_input(const std::string& input) {
  if (input.empty()) {
    Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing.is_open()) return no_more("/dev/null");
    return nothing;
  }
  Descriptor file(::memfd_create("weir-input", MFD_CLOEXEC));
  if (!file.is_open()) return no_more("memory for the input");
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t written = ::write(file.get(), input.data() + done, input.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return no_more("memory for the input");
    done += static_cast<std::size_t>(written);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<std::string> assignments(
    const std::vector<std::pair<std::string, std::string>>& environment) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> lines = {"PATH=" + std::string(path != nullptr ? path : kDefaultPath)};
  for (const char* name : {"HOME", "LANG"}) {
    if (const char* value = std::getenv(name)) lines.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& lines) {
  std::vector<char*> found;
  for (std::string& line : lines) found.push_back(line.data());
  found.push_back(nullptr);
  return found;
}

// What posix_spawn() is to do in the child.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output, int errors) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t none;
    ::sigemptyset(&none);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
  posix_spawnattr_t attributes_ = {};
};

// Readable when the process has ended; none where the kernel is too old. The function of this name
// in glibc 2.36 has no C linkage.
Descriptor end_of(pid_t process) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
}

Error cannot_start(const std::string& program, int number) {
  const bool may_pass =
      number == EAGAIN || number == ENOMEM || number == EMFILE || number == ENFILE;
  return {.code = may_pass ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
          .message = "the command " + program + " cannot be started: " + std::strerror(number)};
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<Child> Child::start(const std::vector<std::string>& command, const std::string& input,
                           const std::vector<std::pair<std::string, std::string>>& environment) {
  if (command.empty() || command.front().empty())
    return Error{.code = ErrorCode::kInvalidArgument, .message = "the command is empty"};
  // What a program leaves behind comes to this process, to be reaped.
  static const int kAdopts = ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  static_cast<void>(kAdopts);
  Result<Descriptor> standard_input = make_input(input);
  if (!standard_input) return standard_input.error();
  Result<Pipe> output = make_pipe();
  if (!output) return output.error();
  Result<Pipe> errors = make_pipe();
  if (!errors) return errors.error();
  std::vector<std::string> words = command;
  std::vector<std::string> lines = assignments(environment);
  const SpawnPlan plan(standard_input->get(), output->write_end.get(), errors->write_end.get());
  const std::lock_guard lock(mutex);
  pid_t process = -1;
  const int failed =
      ::posix_spawnp(&process, words.front().c_str(), plan.actions(), plan.attributes(),
                     pointers(words).data(), pointers(lines).data());
  if (failed != 0) return cannot_start(words.front(), failed);
  running().insert(process);
  return Child(process, end_of(process), std::move(output->read_end), std::move(errors->read_end));
}

Child::~Child() {
  if (process_ < 0) return;
  if (!status_) ::waitpid(process_, nullptr, 0);
  const std::lock_guard lock(mutex);
  running().erase(process_);
}

void Child::signal(int number) const { ::kill(-process_, number); }

std::optional<int> Child::status() {
  int status = 0;
  if (!status_ && ::waitpid(process_, &status, WNOHANG) == process_) status_ = status;
  return status_;
}

bool Child::has_group() {
  if (!status()) return true;
  while (::waitpid(-process_, nullptr, WNOHANG) > 0) {
  }
  return ::kill(-process_, 0) == 0 || errno == EPERM;
}

void kill_all_programs() {
  const std::lock_guard lock(mutex);
  for (const pid_t process : running()) ::kill(-process, SIGKILL);
}

void reap_strays() {
  while (true) {
    siginfo_t ended = {};
    const std::lock_guard lock(mutex);
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return;
    // Of a program under way: whoever runs it reaps it.
    const pid_t group = ::getpgid(ended.si_pid);
    if (running().contains(ended.si_pid) || running().contains(group)) return;
    ::waitpid(ended.si_pid, nullptr, WNOHANG);
  }
}

}  // namespace weir::daemon
