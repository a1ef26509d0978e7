#include "daemon/entries/receiver.h"

#include <mutex>
#include <optional>
#include <utility>

#include "server/http_server.h"

namespace weir::daemon {
namespace {

// Of one delivery; whoever takes it has the same limit.
constexpr std::uint64_t kMostBodyBytes = 8 * 1024 * 1024;
// Of all that arrive at once: who they are from is told by what they hold, so anybody may send.
constexpr std::uint64_t kMostBytesAtOnce = 8 * kMostBodyBytes;

server::HttpReply reply_of(const ConnectorAnswer& answer) {
  return server::text_reply(answer.status, "application/json", answer.body);
}

// Gathers the body of one delivery.
class Delivery final : public server::HttpUpload {
 public:
  using Taker = std::function<ConnectorAnswer(std::string_view body)>;

  Delivery(std::atomic<std::uint64_t>& at_once, Taker taker)
      : at_once_(at_once), taker_(std::move(taker)) {}
  ~Delivery() override { at_once_ -= counted_; }

  std::optional<server::HttpReply> take(std::string_view piece) override {
    counted_ += piece.size();
    if ((at_once_ += piece.size()) > kMostBytesAtOnce)
      return reply_of({.status = 503, .body = R"({"error":"too much arrives; deliver it again"})"});
    body_.append(piece);
    return std::nullopt;
  }

  server::HttpReply finish() override { return reply_of(taker_(body_)); }

 private:
  std::atomic<std::uint64_t>& at_once_;
  const Taker taker_;
  std::uint64_t counted_ = 0;
  std::string body_;
};

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

// The letters of one part of a path.
std::string encoded(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    if (kPlain.find(c) != std::string_view::npos) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return text;
}

ConnectorAnswer nobody() {
  return {.status = 404, .body = R"({"error":"no poll takes deliveries here"})"};
}

}  // namespace

// A delivery that forget() waits for.
class Receiver::UnderWay {
 public:
  UnderWay(Receiver& receiver, const std::string& path) : receiver_(receiver) {
    const std::lock_guard lock(receiver_.mutex_);
    const auto found = receiver_.takers_.find(path);
    if (found == receiver_.takers_.end()) return;
    taker_ = found->second;
    ++taker_->under_way;
  }
  ~UnderWay() {
    if (taker_ == nullptr) return;
    const std::lock_guard lock(receiver_.mutex_);
    --taker_->under_way;
    receiver_.delivery_ended_.notify_all();
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

  Taker* taker() const { return taker_.get(); }

 private:
  Receiver& receiver_;
  std::shared_ptr<Taker> taker_;
};

std::string Receiver::path_of(const std::string& org, const std::string& poll) {
  return (org.empty() ? "/" : "/" + encoded(org) + "/") + encoded(poll);
}

Result<std::unique_ptr<Receiver>> Receiver::start(const std::string& host, int port) {
  std::unique_ptr<Receiver> receiver(new Receiver);
  auto server = server::HttpServer::start(
      {.host = host,
       .port = port,
       .routes =
           [taker = receiver.get()](std::string_view, std::string_view) {
             return server::HttpRoute{.methods = "POST",
                                      .most_body_bytes = kMostBodyBytes,
                                      .upload = [taker](const server::HttpQuestion& question) {
                                        return taker->begin(question);
                                      }};
           }},
      [](const server::HttpQuestion&) { return server::HttpReply{.status = 404}; });
  if (!server) return server.error();
  receiver->server_ = std::move(*server);
  return receiver;
}

Receiver::~Receiver() {
  if (server_) server_->stop();
}

int Receiver::port() const { return server_->port(); }

void Receiver::serve(const std::string& path, FormEntries entries,
                     std::function<void()> delivered) {
  forget(path);
  auto taker = std::make_shared<Taker>(Taker{.receiver = FormConnectorReceiver(std::move(entries)),
                                             .delivered = std::move(delivered)});
  const std::lock_guard lock(mutex_);
  takers_.insert_or_assign(path, std::move(taker));
}

// No other delivery of the path begins once it is gone, so the wait is short.
void Receiver::forget(const std::string& path) {
  std::unique_lock lock(mutex_);
  const auto gone = takers_.extract(path);
  if (!gone.empty()) delivery_ended_.wait(lock, [&] { return gone.mapped()->under_way == 0; });
}

// A path that nobody has is refused before its body.
server::HttpIntake Receiver::begin(const server::HttpQuestion& question) {
  const std::string path(question.target.substr(0, question.target.find('?')));
  {
    const std::lock_guard lock(mutex_);
    if (!takers_.contains(path)) return reply_of(nobody());
  }
  return std::make_unique<Delivery>(
      at_once_, [this, path, method = std::string(question.method)](std::string_view body) {
        return take(method, path, body);
      });
}

ConnectorAnswer Receiver::take(std::string_view method, const std::string& path,
                               std::string_view body) {
  const UnderWay delivery(*this, path);
  if (delivery.taker() == nullptr) return nobody();
  Taker& taker = *delivery.taker();
  ConnectorAnswer answer =
      taker.receiver.handle({.method = std::string(method), .body = std::string(body)});
  if (answer.status == 200 && taker.delivered) taker.delivered();
  return answer;
}

}  // namespace weir::daemon
