#include "daemon/control/control_socket.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <future>
#include <list>
#include <system_error>
#include <utility>

#include "daemon/control/daemon_lock.h"
#include "input/stop_event.h"

namespace weir::daemon {
namespace {

constexpr std::size_t kLongestLine = 1024 * 1024;
constexpr Milliseconds kPatienceWithClients = std::chrono::seconds{2};
// At once; the next one waits for the first of them.
constexpr std::size_t kMostClients = 16;

using Steady = std::chrono::steady_clock;

std::optional<std::string> problem_of(const std::string& path) {
  constexpr std::size_t kRoom = sizeof(sockaddr_un::sun_path);
  if (path.size() < kRoom) return std::nullopt;
  return "the path of the control socket is too long for a socket (" + std::to_string(kRoom - 1) +
         " bytes): " + path + ". Choose a shorter state_directory";
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (const auto problem = problem_of(path))
    return Error{.code = ErrorCode::kStoreUnusable, .message = *problem};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// How long to wait for the other end: until a moment, or a stop.
struct Patience {
  Steady::time_point until;
  int stop = -1;  // becomes readable; -1: nobody stops it
};

bool wait_for(int descriptor, short events, const Patience& patience) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(patience.until - Steady::now()).count();
    pollfd waited[] = {{.fd = descriptor, .events = events, .revents = 0},
                       {.fd = patience.stop, .events = POLLIN, .revents = 0}};
    const int ready = ::poll(waited, 2, left < 0 ? 0 : static_cast<int>(left));
    if (ready > 0) return waited[1].revents == 0;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// A daemon that hangs takes nobody out of the queue, and a full queue is tried again.
bool connect_to(int descriptor, const sockaddr_un& address, const Patience& patience) {
  constexpr Milliseconds kAgain{50};
  while (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN && errno != EINTR) return false;
    if (Steady::now() >= patience.until) return false;
    pollfd stop = {.fd = patience.stop, .events = POLLIN, .revents = 0};
    if (::poll(&stop, 1, static_cast<int>(kAgain.count())) > 0) return false;
    errno = EAGAIN;
  }
  return true;
}

// Up to the end of the line; empty when none came in time.
std::optional<std::string> read_line(int descriptor, const Patience& patience) {
  std::string line;
  char piece[4096];
  while (line.size() < kLongestLine && wait_for(descriptor, POLLIN, patience)) {
    const ssize_t got = ::recv(descriptor, piece, sizeof piece, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    line.append(piece, static_cast<std::size_t>(got));
    if (const std::size_t end = line.find('\n'); end != std::string::npos)
      return line.substr(0, end);
  }
  return std::nullopt;
}

bool write_line(int descriptor, const std::string& line, const Patience& patience) {
  const std::string whole = line + "\n";
  std::size_t done = 0;
  while (done < whole.size()) {
    if (!wait_for(descriptor, POLLOUT, patience)) return false;
    const ssize_t sent =
        ::send(descriptor, whole.data() + done, whole.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return false;
    done += static_cast<std::size_t>(sent);
  }
  return true;
}

// Whoever connects and says nothing keeps a thread for a moment only.
void serve_client(int client, const ControlServer::Answer& answer) {
  if (const auto question = read_line(client, {Steady::now() + kPatienceWithClients}))
    write_line(client, answer(*question), {Steady::now() + kPatienceWithClients});
  ::close(client);
}

// Each client has a thread of its own, for the answer to a reload may take long.
void serve(int listener, int stopper, const ControlServer::Answer& answer) {
  std::list<std::future<void>> clients;
  while (true) {
    pollfd waited[] = {{.fd = listener, .events = POLLIN, .revents = 0},
                       {.fd = stopper, .events = POLLIN, .revents = 0}};
    if (::poll(waited, 2, -1) < 0 && errno != EINTR) return;
    if (waited[1].revents != 0) return;
    if (waited[0].revents == 0) continue;
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    clients.remove_if([](const std::future<void>& one) {
      return one.wait_for(Milliseconds{0}) == std::future_status::ready;
    });
    if (clients.size() >= kMostClients) clients.pop_front();
    try {
      clients.push_back(
          std::async(std::launch::async, [client, &answer] { serve_client(client, answer); }));
    } catch (const std::system_error&) {
      // The system gives no more threads now.
      serve_client(client, answer);
    }
  }
}

Error unusable(const std::string& path) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the control socket " + path + " cannot be made: " + std::strerror(errno)};
}

}  // namespace

std::string control_path(const std::string& state_directory) {
  return (std::filesystem::path(state_directory) / "control.sock").string();
}

std::optional<std::string> control_path_problem(const std::string& state_directory) {
  return problem_of(control_path(state_directory));
}

Result<ControlServer> ControlServer::start(const std::string& state_directory, Answer answer) {
  const std::string path = control_path(state_directory);
  const Result<sockaddr_un> address = address_of(path);
  if (!address) return address.error();
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return unusable(path);
  // Of an earlier daemon; another file is nobody's to remove.
  struct stat found = {};
  if (::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode)) {
    ::close(listener);
    return Error{
        .code = ErrorCode::kStoreUnusable,
        .message = "the control socket " + path +
                   " cannot be made: a file of that name is there. Move it away, or choose "
                   "another state_directory"};
  }
  ::unlink(path.c_str());
  // Nobody else may connect, not even before the mode is set.
  const mode_t before = ::umask(0177);
  const bool is_bound =
      ::bind(listener, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0;
  ::umask(before);
  if (!is_bound || ::listen(listener, 64) != 0) {
    const Error error = unusable(path);
    ::close(listener);
    return error;
  }
  give_to_owner_of_folder(path);
  const int stopper = ::eventfd(0, EFD_CLOEXEC);
  return ControlServer(path, listener, stopper, std::move(answer));
}

ControlServer::ControlServer(std::string path, int listener, int stopper, Answer answer)
    : path_(std::move(path)),
      listener_(listener),
      stopper_(stopper),
      thread_(
          [listener, stopper, answer = std::move(answer)] { serve(listener, stopper, answer); }) {}

ControlServer::ControlServer(ControlServer&& other) noexcept
    : path_(std::move(other.path_)),
      listener_(std::exchange(other.listener_, -1)),
      stopper_(std::exchange(other.stopper_, -1)),
      thread_(std::move(other.thread_)) {}

ControlServer::~ControlServer() {
  if (listener_ < 0) return;
  ::unlink(path_.c_str());
  const std::uint64_t one = 1;
  static_cast<void>(::write(stopper_, &one, sizeof one) > 0);
  thread_.join();
  ::close(listener_);
  ::close(stopper_);
}

Result<std::string> ask_daemon(const std::string& state_directory, const std::string& question,
                               Milliseconds patience, const std::stop_token& stopped) {
  const std::string path = control_path(state_directory);
  const Result<sockaddr_un> address = address_of(path);
  if (!address) return address.error();
  const auto away = [&](const std::string& why) {
    return Error{.code = ErrorCode::kUnavailable,
                 .message = "no weir run answers at " + path + ": " + why +
                            ". Start it; or restart it, if it runs and the state_directory has "
                            "been changed since"};
  };
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return away(std::strerror(errno));
  const cli::StopEvent stop(stopped);
  const Patience until{.until = Steady::now() + patience, .stop = stop.descriptor()};
  std::optional<std::string> answer;
  std::string why = "it does not answer";
  if (!connect_to(descriptor, *address, until)) {
    if (errno != EAGAIN) why = std::strerror(errno);
  } else if (write_line(descriptor, question, until)) {
    answer = read_line(descriptor, until);
  }
  ::close(descriptor);
  if (!answer && stopped.stop_requested())
    return Error{.code = ErrorCode::kCancelled,
                 .message = "stopped before the weir run at " + path + " has answered"};
  if (!answer) return away(why);
  return *answer;
}

}  // namespace weir::daemon
