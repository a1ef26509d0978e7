#include "server/stream_loop.h"

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <utility>

#include "os/stream_socket.h"

namespace weir::server {
namespace {

constexpr Milliseconds kAskEvery{250};
// In one go, so that the others get their turn.
constexpr int kPiecesAtOnce = 16;

// kMore: there may be another piece at once.
enum class Went { kAsFarAsThereIs, kMore, kBlocked, kOver };

}  // namespace

// One client, and what is on its way to it.
class StreamLoop::Stream {
 public:
  Stream(int socket, std::unique_ptr<HttpStream> pieces)
      : socket_(socket), pieces_(std::move(pieces)) {}
  ~Stream() { os::close_socket(socket_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int socket() const { return socket_; }
  bool is_blocked() const { return !left_.empty(); }

  // What the client says is not looked at, but that it is there.
  bool is_gone() const {
    std::array<char, 1024> ignored;
    return os::receive(socket_, ignored).is_over;
  }

  // Since when nothing was taken of what there is; meaningless unless it is blocked.
  Milliseconds blocked_since() const { return blocked_since_; }

  // Whatever it throws is the end of this one alone.
  Went go_on(Milliseconds now) noexcept try {
    for (int piece = 0; piece < kPiecesAtOnce; ++piece) {
      if (left_.empty()) left_ = pieces_->next();
      if (left_.empty()) return Went::kAsFarAsThereIs;
      const os::Transfer sent = os::send_pieces(socket_, std::span(&left_, 1));
      if (sent.is_over) return Went::kOver;
      if (sent.bytes > 0 || !was_blocked_) blocked_since_ = now;
      left_.remove_prefix(sent.bytes);
      was_blocked_ = !left_.empty();
      if (was_blocked_) return Went::kBlocked;
    }
    return Went::kMore;
  } catch (const std::exception&) {
    return Went::kOver;
  }

 private:
  const int socket_;
  const std::unique_ptr<HttpStream> pieces_;
  std::string_view left_;  // of the piece
  bool was_blocked_ = false;
  Milliseconds blocked_since_ = {};
};

StreamLoop::StreamLoop(std::shared_ptr<Clock> clock, Milliseconds stall_time)
    : clock_(std::move(clock)), stall_time_(stall_time) {}

StreamLoop::~StreamLoop() { stop(); }

void StreamLoop::take(int socket, std::unique_ptr<HttpStream> pieces) {
  auto stream = std::make_unique<Stream>(socket, std::move(pieces));
  const std::lock_guard lock(mutex_);
  if (stops_) return;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  new_.push_back(std::move(stream));
  ++count_;
  // It is ready at once, so the thread need not be told when it waits for others.
  Stream* const added = new_.back().get();
  if (!poller_.add(socket, added) || !poller_.arm(socket, added, os::Interest::kWrite)) {
    new_.pop_back();
    --count_;
  }
  changed_.notify_all();
}

void StreamLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
    changed_.notify_all();
  }
  poller_.wake_all();
  if (thread_.joinable()) thread_.join();
}

void StreamLoop::run() {
  Milliseconds asked_at = {};
  while (wait_for_some()) {
    auto* ready = static_cast<Stream*>(poller_.wait(kAskEvery));
    if (!take_new()) break;
    if (ready != nullptr) step(*ready);
    const Milliseconds now = clock_->steady_now();
    // A clock that stands asks each time that nothing else happens.
    if (ready != nullptr && now - asked_at < kAskEvery) continue;
    asked_at = now;
    ask_all();
  }
  const std::lock_guard lock(mutex_);
  count_ = 0;
  streams_.clear();
  new_.clear();
}

// False at the end.
bool StreamLoop::wait_for_some() {
  std::unique_lock lock(mutex_);
  if (streams_.empty()) changed_.wait(lock, [this] { return stops_ || !new_.empty(); });
  return !stops_;
}

// Whoever the poller tells of has been taken by then, for it was told under the same mutex.
bool StreamLoop::take_new() {
  const std::lock_guard lock(mutex_);
  for (std::unique_ptr<Stream>& stream : new_) streams_.push_back(std::move(stream));
  new_.clear();
  return !stops_;
}

void StreamLoop::ask_all() {
  const Milliseconds now = clock_->steady_now();
  for (auto stream = streams_.begin(); stream != streams_.end();) {
    Stream& one = **stream++;
    if (!one.is_blocked()) {
      step(one);
    } else if (now - one.blocked_since() >= stall_time_) {
      end(one);
    }
  }
}

void StreamLoop::step(Stream& stream) {
  if (stream.is_gone()) return end(stream);
  const Went went = stream.go_on(clock_->steady_now());
  const os::Interest interest =
      went == Went::kAsFarAsThereIs ? os::Interest::kRead : os::Interest::kWrite;
  if (went == Went::kOver || !poller_.arm(stream.socket(), &stream, interest)) end(stream);
}

void StreamLoop::end(Stream& stream) {
  --count_;
  streams_.remove_if([&](const auto& one) { return one.get() == &stream; });
}

}  // namespace weir::server
