// HttpServer: the platform over HTTP on 127.0.0.1, with cpp-httplib: the API, the control endpoints
// and the portal page.
//
// A metered request holds a connection from its complete header until just before the last byte of
// its answer; among several organizations, one that names its own in the body only does so from its
// complete body on.
#pragma once

#include <memory>
#include <string>

#include "companies.h"

namespace weir::mock {

class HttpServer {
 public:
  explicit HttpServer(Companies& companies);
  ~HttpServer();

  // Begins to listen; false when the port is taken.
  bool start(int port);
  int port() const;
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mock
