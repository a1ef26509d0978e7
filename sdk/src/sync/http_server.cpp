#include "sync/http_server.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <stop_token>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "os/poller.h"
#include "os/stream_socket.h"
#include "sync/http_connection.h"
#include "sync/http_front.h"

namespace weir::sync {
namespace {

using Phase = HttpConnection::Phase;

constexpr std::chrono::milliseconds kSweepEvery{250};
constexpr std::chrono::seconds kGrace{2};
// How long all workers may be within the handler before there are more of them.
constexpr std::chrono::milliseconds kStuckAfter{50};
// Kept for files, databases and whatever else the process opens.
constexpr std::size_t kOtherDescriptors = 64;
// Connections that are being ended but are not gone yet.
constexpr std::size_t kEnding = 64;
// The rank of a connection that is not ended to make room.
constexpr int kStays = 3;

HttpOptions checked(HttpOptions options) {
  const std::size_t descriptors = os::most_descriptors();
  const std::size_t usable = std::max<std::size_t>(descriptors, 2 * (kOtherDescriptors + kEnding)) -
                             kOtherDescriptors - kEnding;
  options.most_connections = std::clamp<std::size_t>(options.most_connections, 1, usable);
  if (options.workers == 0) options.workers = std::max(2U, std::thread::hardware_concurrency());
  return options;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, HttpHandler handler)
      : options_(checked(options)),
        front_(options_, std::move(handler), [this](int socket) { adopt(socket); }) {}
  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool listen() {
    port_ = front_.listen(options_.host, options_.port);
    if (port_ == 0) return false;
    add_workers(options_.workers);
    watch_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    return true;
  }

  int port() const { return port_; }

  HttpCounts counts() const {
    const std::lock_guard lock(mutex_);
    HttpCounts counts = ended_;
    counts.connections = connections_.size();
    for (const auto& [address, connection] : connections_) {
      counts.requests += connection->requests();
      counts.idle += connection->phase() == Phase::kIdle ? 1 : 0;
    }
    return counts;
  }

  void stop() {
    front_.stop_accepting();
    watch_ = {};
    {
      std::unique_lock lock(mutex_);
      stops_ = true;
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

  // Called by the thread that accepts. For want of memory a connection is closed at once; there
  // may be some for the next.
  void adopt(int socket) {
    os::never_block(socket);
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
      return stops_ || connections_.size() < options_.most_connections + kEnding;
    });
    if (stops_ || connections_.size() >= options_.most_connections + kEnding) return;
    connections_.emplace(owner, std::move(connection));
    if (!poller_.add(owner->socket(), owner)) connections_.erase(owner);
  }

  // Idle ones go first, then those that have not finished their head, then those that take nothing
  // of their answer; of each the one whose deadline is next.
  void make_room() {
    HttpConnection* first = nullptr;
    for (const auto& [address, connection] : connections_) {
      if (rank(*connection) == kStays) continue;
      if (first == nullptr || goes_before(*connection, *first)) first = address;
    }
    if (first == nullptr) return;
    first->shut();
    ++ended_.cut_off;
  }

  static bool goes_before(const HttpConnection& a, const HttpConnection& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a.deadline() < b.deadline();
  }

  static int rank(const HttpConnection& connection) {
    switch (connection.phase()) {
      case Phase::kIdle:
        return 0;
      case Phase::kHead:
        return 1;
      case Phase::kWriting:
        return 2;
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
    return connection.advance(front_);
  } catch (const std::exception&) {
    return HttpConnection::Next::kEnd;
  }

  void serve(HttpConnection& connection) {
    const HttpConnection::Next next = advance(connection);
    const os::Interest interest =
        next == HttpConnection::Next::kWrite ? os::Interest::kWrite : os::Interest::kRead;
    // Once it is armed, another worker may have it.
    if (next == HttpConnection::Next::kEnd ||
        !poller_.arm(connection.socket(), &connection, interest)) {
      end(connection);
    }
  }

  void end(HttpConnection& connection) {
    const std::lock_guard lock(mutex_);
    ended_.requests += connection.requests();
    ended_.refused += connection.was_refused() ? 1 : 0;
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
      if (connection->phase() == Phase::kShut || connection->deadline() > now) continue;
      connection->shut();
      ++ended_.cut_off;
    }
  }

  const HttpOptions options_;
  os::Poller poller_;
  HttpFront front_;
  int port_ = 0;
  std::atomic<bool> ends_ = false;
  std::atomic<Milliseconds::rep> next_sweep_ = 0;
  std::atomic<std::size_t> busy_ = 0;      // workers at a connection
  std::atomic<std::uint64_t> served_ = 0;  // times that one was done with a connection
  std::vector<std::thread> workers_;       // grown by watch_, which ends before they do
  std::jthread watch_;

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
    return Error{.code = ErrorCode::kUnavailable,
                 .message = "cannot listen on " + options.host + " port " +
                            std::to_string(options.port) +
                            ": another program has it, or this user may not"};
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port(); }
HttpCounts HttpServer::counts() const { return impl_->counts(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace weir::sync
