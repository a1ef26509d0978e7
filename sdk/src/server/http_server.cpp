#include "server/http_server.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <stop_token>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "os/listening_socket.h"
#include "os/poller.h"
#include "os/stream_socket.h"
#include "server/answering.h"
#include "server/http_connection.h"
#include "server/stream_loop.h"

namespace weir::server {
namespace {

using Phase = HttpConnection::Phase;

constexpr std::chrono::milliseconds kSweepEvery{250};
constexpr std::chrono::seconds kGrace{2};
// How long all workers may be within the handler before there are more of them.
constexpr std::chrono::milliseconds kStuckAfter{50};
constexpr int kBacklog = 1024;
// How long nobody is accepted when the system has no descriptor or memory for one more.
constexpr std::chrono::milliseconds kScarcePause{20};
// Kept for files, databases and whatever else the process opens; no more than half.
constexpr std::size_t kOtherDescriptors = 64;
// Connections that are being ended but are not gone yet; no more than an eighth.
constexpr std::size_t kEnding = 64;
// The rank of a connection that is not ended to make room.
constexpr int kStays = 4;

std::size_t most_ending() {
  return std::clamp<std::size_t>(os::most_descriptors() / 8, 1, kEnding);
}

HttpOptions checked(HttpOptions options) {
  const std::size_t descriptors = os::most_descriptors();
  const std::size_t others = std::min(kOtherDescriptors, descriptors / 2);
  const std::size_t usable = descriptors - others - std::min(descriptors / 2, most_ending());
  options.most_connections =
      std::clamp<std::size_t>(options.most_connections, 1, std::max<std::size_t>(usable, 1));
  if (options.workers == 0) options.workers = std::max(2U, std::thread::hardware_concurrency());
  return options;
}

std::string shown_address(const HttpOptions& options) {
  if (options.host.starts_with("unix:")) return options.host;
  return options.host + " port " + std::to_string(options.port);
}

std::string words_for(int fault) {
  switch (fault) {
    case EADDRINUSE:
      return "another program has it";
    case EACCES:
      return "this user may not";
    case ENOENT:
      return "there is no such folder";
    case EADDRNOTAVAIL:
      return "this machine has no such address";
    default:
      return std::generic_category().message(fault);
  }
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, HttpHandler handler)
      : options_(checked(options)), handler_(std::move(handler)), most_ending_(most_ending()) {}
  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool listen() {
    fault_ = listening_.listen(options_.host, options_.port, kBacklog);
    if (fault_ != 0) return false;
    add_workers(options_.workers);
    watch_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    accepting_ = std::thread([this] { accept(); });
    return true;
  }

  int port() const { return listening_.port(); }
  int fault() const { return fault_; }

  HttpCounts counts() const {
    const std::lock_guard lock(mutex_);
    HttpCounts counts = ended_;
    counts.streams = streams_.streams();
    counts.connections = connections_.size();
    for (const auto& [address, connection] : connections_) {
      counts.requests += connection->requests();
      counts.idle += connection->phase() == Phase::kIdle ? 1 : 0;
    }
    return counts;
  }

  void stop() {
    listening_.stop();
    streams_.stop();
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
      changed_.notify_all();
    }
    if (accepting_.joinable()) accepting_.join();
    watch_ = {};
    {
      std::unique_lock lock(mutex_);
      changed_.notify_all();
      for (const auto& [address, connection] : connections_) {
        connection->answer_only_once_more();
        if (is_waiting(*connection)) connection->shut();
      }
      changed_.wait_for(lock, kGrace, [this] { return connections_.empty(); });
    }
    poller_.wake_all();
    ends_ = true;
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    connections_.clear();
  }

 private:
  static bool is_waiting(const HttpConnection& connection) {
    return connection.phase() == Phase::kIdle || connection.phase() == Phase::kHead;
  }

  void accept() {
    while (true) {
      const os::ListeningSocket::Accepted accepted = listening_.accept();
      if (accepted.is_over) return;
      if (accepted.socket >= 0) {
        adopt(accepted.socket);
      } else if (rests_or_stops()) {
        return;
      }
    }
  }

  // Some connection may have ended then.
  bool rests_or_stops() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kScarcePause, [this] { return stops_; });
  }

  // For want of memory a connection is closed at once; there may be some for the next.
  void adopt(int socket) {
    os::send_at_once(socket);
    std::unique_ptr<HttpConnection> connection;
    try {
      connection = std::make_unique<HttpConnection>(socket, options_);
    } catch (const std::bad_alloc&) {
      os::close_socket(socket);
      return;
    }
    try {
      take(std::move(connection));
    } catch (const std::bad_alloc&) {
    }
  }

  // While too many connections are still ending it waits, and the system keeps new ones back.
  void take(std::unique_ptr<HttpConnection> connection) {
    HttpConnection* const owner = connection.get();
    std::unique_lock lock(mutex_);
    if (stops_) return;
    if (connections_.size() >= options_.most_connections) make_room();
    changed_.wait_for(lock, kGrace, [this] {
      return stops_ || connections_.size() < options_.most_connections + most_ending_;
    });
    if (stops_ || connections_.size() >= options_.most_connections + most_ending_) return;
    connections_.emplace(owner, std::move(connection));
    if (!poller_.add(owner->socket(), owner)) connections_.erase(owner);
  }

  // Those that were refused go first, for they have their answer; then idle ones, those that have
  // not finished their request, and those that take nothing of their answer; of each the one whose
  // deadline is next.
  void make_room() {
    HttpConnection* first = nullptr;
    for (const auto& [address, connection] : connections_) {
      if (rank(*connection) == kStays) continue;
      if (first == nullptr || goes_before(*connection, *first)) first = address;
    }
    if (first == nullptr) return;
    first->shut();
    ++ended_.made_room;
  }

  static bool goes_before(const HttpConnection& a, const HttpConnection& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a.deadline() < b.deadline();
  }

  static int rank(const HttpConnection& connection) {
    switch (connection.phase()) {
      case Phase::kDraining:
        return 0;
      case Phase::kIdle:
        return 1;
      case Phase::kHead:
      case Phase::kBody:
        return 2;
      case Phase::kWriting:
        return 3;
      default:
        return kStays;
    }
  }

  void work() {
    while (!ends_) {
      auto* connection = static_cast<HttpConnection*>(poller_.wait(kSweepEvery));
      if (connection != nullptr) {
        ++busy_;
        serve(*connection);
        --busy_;
        ++served_;
      }
      sweep();
    }
  }

  void add_workers(std::size_t more) {
    // First what may fail for want of memory: a thread that nobody keeps ends the program.
    workers_.reserve(workers_.size() + more);
    for (std::size_t i = 0; i < more; ++i)
      workers_.push_back(options_.start_worker([this] { work(); }));
  }

  // Twice as many workers when all of them have been at one question each for a while. They stay:
  // one that waits costs little.
  void watch(const std::stop_token& stop) {
    std::uint64_t served = 0;
    std::mutex none;
    std::unique_lock lock(none);
    std::condition_variable_any stopped;
    while (!stopped.wait_for(lock, stop, kStuckAfter, [&] { return stop.stop_requested(); })) {
      const bool is_stuck = busy_ >= workers_.size() && served_ == served;
      served = served_;
      if (is_stuck) double_workers();
    }
  }

  // What the system does not give now it may give the next time.
  void double_workers() try {
    const std::size_t room =
        options_.most_workers - std::min(options_.most_workers, workers_.size());
    add_workers(std::min(workers_.size(), room));
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }

  // Whose answer fails on the way, as for want of memory, is cut off, and nobody else is.
  HttpConnection::Next advance(HttpConnection& connection) try {
    return connection.advance(answering_);
  } catch (const std::exception&) {
    return HttpConnection::Next::kEnd;
  }

  void serve(HttpConnection& connection) {
    const HttpConnection::Next next = advance(connection);
    if (next == HttpConnection::Next::kStream) return hand_over(connection);
    const os::Interest interest =
        next == HttpConnection::Next::kWrite ? os::Interest::kWrite : os::Interest::kRead;
    // Once it is armed, another worker may have it.
    if (next == HttpConnection::Next::kEnd ||
        !poller_.arm(connection.socket(), &connection, interest)) {
      end(connection);
    }
  }

  // From now on it is no connection that a worker has.
  void hand_over(HttpConnection& connection) {
    poller_.remove(connection.socket());
    std::unique_ptr<HttpStream> stream = connection.take_stream();
    int socket = -1;
    {
      // Whoever shuts connections has looked at this one before, or does not find it.
      const std::lock_guard lock(mutex_);
      socket = connection.release();
    }
    try {
      streams_.take(socket, std::move(stream));
    } catch (const std::exception&) {
    }
    end(connection);
  }

  void end(HttpConnection& connection) {
    const std::lock_guard lock(mutex_);
    ended_.requests += connection.requests();
    if (connection.refused_with() != 0) ++ended_.refused[connection.refused_with()];
    ended_.late += connection.was_late() ? 1 : 0;
    connections_.erase(&connection);
    changed_.notify_all();
  }

  // Ends the connections whose time is over.
  void sweep() {
    const Milliseconds now = options_.clock->steady_now();
    Milliseconds::rep due = next_sweep_;
    if (now.count() < due || !next_sweep_.compare_exchange_strong(due, (now + kSweepEvery).count()))
      return;
    const std::lock_guard lock(mutex_);
    for (const auto& [address, connection] : connections_) {
      if (!connection->is_overdue()) continue;
      // Its refusal is counted already.
      ended_.late += connection->phase() == Phase::kDraining ? 0 : 1;
      connection->shut();
    }
  }

  const HttpOptions options_;
  const HttpHandler handler_;
  const Answering answering_{options_, handler_};
  const std::size_t most_ending_;
  os::ListeningSocket listening_;
  int fault_ = 0;  // errno, when nobody can listen
  os::Poller poller_;
  std::atomic<bool> ends_ = false;
  std::atomic<Milliseconds::rep> next_sweep_ = 0;
  std::atomic<std::size_t> busy_ = 0;      // workers at a connection
  std::atomic<std::uint64_t> served_ = 0;  // times that one was done with a connection
  StreamLoop streams_{options_.clock, options_.stall_time};
  std::vector<std::thread> workers_;  // grown by watch_, which ends before they do
  std::jthread watch_;
  std::thread accepting_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stops_ = false;
  std::unordered_map<HttpConnection*, std::unique_ptr<HttpConnection>> connections_;
  HttpCounts ended_;  // of connections that are gone, and all that were cut off
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options,
                                                      HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  bool is_listening = false;
  try {
    is_listening = impl->listen();
  } catch (const std::system_error&) {
    return Error{.code = ErrorCode::kUnavailable,
                 .message =
                     "the system gives this program no more threads; end others, raise its "
                     "limit or set fewer workers"};
  }
  if (!is_listening) {
    return Error{
        .code = ErrorCode::kUnavailable,
        .message = "cannot listen on " + shown_address(options) + ": " + words_for(impl->fault())};
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port(); }
HttpCounts HttpServer::counts() const { return impl_->counts(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace weir::server
