// Nginx: the real nginx with the shipped configuration, examples/nginx/weir-sync.conf, changed only
// where it says CHANGE, and in its ports and files. Its certificate is a leaf below an intermediate
// below a root of the test's own.
#pragma once

#include <sched.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/free_port.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"

namespace weir::testing {

enum class Chain { kFull, kLeafOnly };

class Nginx {
 public:
  Nginx(const std::string& shipped, int service_port, Chain chain = Chain::kFull)
      : port_(free_port()) {
    write_certificates(chain);
    folder_.write("weir-sync.conf", adapted(read(shipped), service_port));
    folder_.write("nginx.conf",
                  "daemon off;\nuser root;\nworker_processes 2;\npid " + folder_.file("pid") +
                      ";\nerror_log " + folder_.file("main.log") +
                      ";\nevents { worker_connections 4096; }\nhttp {\n" + "include " +
                      folder_.file("weir-sync.conf") + ";\n" + temporary_paths() + "}\n");
    process_ = testing::start(
        {"/usr/sbin/nginx", "-e", folder_.file("main.log"), "-c", folder_.file("nginx.conf")}, {},
        folder_.file("out"), folder_.file("err"));
    while (!listens()) ::sched_yield();
  }
  ~Nginx() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  std::string url() const { return "https://localhost:" + port_ + "/"; }
  int port() const { return std::stoi(port_); }
  std::string root_certificate() const { return folder_.file("root.pem"); }

  // Everything it has logged.
  std::string logged() const {
    return read(folder_.file("access.log")) + read(folder_.file("error.log")) +
           read(folder_.file("main.log"));
  }

 private:
  static std::string read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  void write_certificates(Chain chain) const {
    constexpr long kDay = 24L * 60 * 60;
    const Certificate root("Test Root", kDay);
    const Certificate intermediate("Test Intermediate", kDay, &root);
    const Certificate leaf("localhost", kDay, &intermediate);
    root.write(root_certificate());
    leaf.write_key(folder_.file("key.pem"));
    std::vector<const Certificate*> sent = {&leaf};
    if (chain == Chain::kFull) sent.push_back(&intermediate);
    Certificate::write_chain(folder_.file("chain.pem"), sent);
  }

  // Each must be there: what the test changes is what the file says is to be changed.
  std::string adapted(std::string conf, int service_port) const {
    const std::vector<std::pair<std::string, std::string>> changes = {
        {"server 127.0.0.1:8088;", "server 127.0.0.1:" + std::to_string(service_port) + ";"},
        {"listen 443 ssl;", "listen 127.0.0.1:" + port_ + " ssl;"},
        {"listen [::]:443 ssl;", ""},
        {"/etc/letsencrypt/live/sync.example.com/fullchain.pem", folder_.file("chain.pem")},
        {"/etc/letsencrypt/live/sync.example.com/privkey.pem", folder_.file("key.pem")},
        {"server_name sync.example.com;", "server_name localhost;"},
        {"/var/log/nginx/weir-sync.log", folder_.file("access.log")},
        {"/var/log/nginx/weir-sync.error.log", folder_.file("error.log")},
    };
    for (const auto& [from, to] : changes) {
      const std::size_t at = conf.find(from);
      if (at == std::string::npos) throw std::runtime_error("weir-sync.conf lacks: " + from);
      conf.replace(at, from.size(), to);
    }
    return conf;
  }

  std::string temporary_paths() const {
    std::string lines;
    for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      lines += kind + "_temp_path " + folder_.file(kind) + ";\n";
    return lines;
  }

  bool listens() {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
      throw std::runtime_error("nginx ended: " + read(folder_.file("main.log")) +
                               read(folder_.file("err")));
    }
    try {
      const RawClient client(port());
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  const TemporaryFolder folder_;
  const std::string port_;
  pid_t process_ = -1;
};

}  // namespace weir::testing
