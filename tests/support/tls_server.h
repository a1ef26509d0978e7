// A web server with TLS on a port of its own, and certificates made for the test: for which host,
// and how long they are valid. One signs itself, so a client must be told to trust it, or another
// signs it.
#pragma once

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

class Certificate {
 public:
  // Valid from a day ago, or from `seconds_to_begin` on; `seconds_left` may be negative: then it
  // has expired.
  Certificate(const std::string& host, long seconds_left, const Certificate* issuer = nullptr,
              long seconds_to_begin = -24L * 60 * 60)
      : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free),
        x509_(X509_new(), &X509_free) {
    X509_set_version(x509_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509_.get()), seconds_to_begin);
    X509_gmtime_adj(X509_getm_notAfter(x509_.get()), seconds_left);
    X509_set_pubkey(x509_.get(), key_.get());
    X509_NAME* name = X509_get_subject_name(x509_.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
    X509_set_issuer_name(x509_.get(),
                         issuer == nullptr ? name : X509_get_subject_name(issuer->x509()));
    add_extension(NID_subject_alt_name, "DNS:" + host);
    add_extension(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x509_.get(), issuer == nullptr ? key_.get() : issuer->key(), EVP_sha256());
  }

  X509* x509() const { return x509_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  void write(const std::string& path) const { write_chain(path, {this}); }

  // One after another into one file.
  static void write_chain(const std::string& path, const std::vector<const Certificate*>& chain) {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), &std::fclose);
    for (const Certificate* certificate : chain) PEM_write_X509(file.get(), certificate->x509());
  }

  void write_key(const std::string& path) const {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), &std::fclose);
    PEM_write_PrivateKey(file.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

 private:
  void add_extension(int kind, const std::string& value) {
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()), &X509_EXTENSION_free);
    X509_add_ext(x509_.get(), extension.get(), -1);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> x509_;
};

class TlsServer {
 public:
  explicit TlsServer(const Certificate& certificate)
      : server_(certificate.x509(), certificate.key()) {
    server_.Get(".*", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("{}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    listening_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TlsServer() { server_.stop(); }

  int port() const { return port_; }
  // The certificate's host must be "localhost" for this to be the right name.
  std::string url() const { return "https://localhost:" + std::to_string(port_); }

 private:
  httplib::SSLServer server_;
  int port_ = 0;
  std::jthread listening_;
};

}  // namespace weir::testing
