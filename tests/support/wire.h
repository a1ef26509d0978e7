// Wire: a connection to a port of 127.0.0.1, plain or with TLS, over which a test says what it
// likes. TLS does not look at the certificate.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/raw_client.h"

namespace weir::testing {

class Wire {
 public:
  Wire(int port, bool with_tls) : client_(port) {
    if (!with_tls) return;
    static SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    tls_.reset(SSL_new(context));
    SSL_set_fd(tls_.get(), client_.socket());
    if (SSL_connect(tls_.get()) != 1) throw std::runtime_error("no TLS");
  }

  // False when the server has ended the connection.
  bool send(std::string_view text) const {
    if (tls_ == nullptr) return client_.send(text);
    return SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())) ==
           static_cast<int>(text.size());
  }

  // What comes next; "" when the connection is over, or nothing came for twenty seconds.
  std::string receive() const {
    if (tls_ == nullptr) return client_.receive();
    std::array<char, 16384> buffer;
    const int got = SSL_read(tls_.get(), buffer.data(), buffer.size());
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : "";
  }

  std::string read_to_end() const {
    std::string text;
    for (std::string more = receive(); !more.empty(); more = receive()) text += more;
    return text;
  }

 private:
  struct Free {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  RawClient client_;
  std::unique_ptr<SSL, Free> tls_;
};

}  // namespace weir::testing
