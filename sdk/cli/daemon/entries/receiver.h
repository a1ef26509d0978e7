// Receiver: takes the deliveries of the platform's form connector for the polls that want them,
// each at a path of its own: /POLL, or with several organizations /ORG/POLL. Costs no call.
//
// Serve it behind a proxy with TLS. Who delivers is told by the integration key in the payload
// (weir/form_connector_receiver.h). Thread-safe.
#pragma once

#include <weir/form_connector_receiver.h>
#include <weir/result.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/http_exchange.h"

namespace weir::server {
class HttpServer;
}

namespace weir::daemon {

class Receiver {
 public:
  // `host` is an address of this machine or unix:/PATH; port 0 takes any free one. kUnavailable:
  // the address cannot be listened to.
  static Result<std::unique_ptr<Receiver>> start(const std::string& host, int port);
  ~Receiver();

  int port() const;

  // From now on this path takes deliveries for these entries; then `delivered` is called. The
  // entries' client must outlive that, or the path be forgotten before.
  void serve(const std::string& path, FormEntries entries, std::function<void()> delivered);
  // No delivery of this path is under way any more when it returns.
  void forget(const std::string& path);

  // The path of a poll.
  static std::string path_of(const std::string& org, const std::string& poll);

 private:
  struct Taker {
    FormConnectorReceiver receiver;
    std::function<void()> delivered;
    int under_way = 0;  // guarded by mutex_
  };
  class UnderWay;

  Receiver() = default;
  server::HttpIntake begin(const server::HttpQuestion& question);
  ConnectorAnswer take(std::string_view method, const std::string& path, std::string_view body);

  // Held for no delivery: whoever changes the takers would wait behind all that arrive.
  std::mutex mutex_;
  std::condition_variable delivery_ended_;
  std::map<std::string, std::shared_ptr<Taker>> takers_;  // guarded by mutex_
  std::atomic<std::uint64_t> at_once_ = 0;                // bytes of bodies that arrive
  std::unique_ptr<server::HttpServer> server_;
};

}  // namespace weir::daemon
