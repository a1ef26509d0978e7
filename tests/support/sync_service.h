// SyncService: the real `weir serve` in a folder of its own, on a port that it picks, until the
// test ends. Its token is kToken, its company 7.
#pragma once

#include <sched.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class SyncService {
 public:
  static constexpr const char* kToken = "CANARY-4711-token";

  // `sources` are the [[source]] tables of the configuration.
  explicit SyncService(std::string binaries, std::string sources, std::string port = "0")
      : binaries_(std::move(binaries)) {
    folder_.write("weir-sync.toml",
                  "[service]\ncompany_id = 7\nport = " + port + "\n" + std::move(sources));
  }
  ~SyncService() { kill(SIGTERM); }
  SyncService(const SyncService&) = delete;
  SyncService& operator=(const SyncService&) = delete;

  // Comes back when it listens.
  void start() {
    Environment environment = more_environment;
    environment["WEIR_PRIVATE_TOKEN"] = kToken;
    process_ =
        testing::start({binaries_ + "/weir", "serve", "--config", folder_.file("weir-sync.toml")},
                       environment, folder_.file("out"), folder_.file("err"));
    std::string line;
    while (!read_first_line(line)) {
      if (::waitpid(process_, nullptr, WNOHANG) != 0)
        throw std::runtime_error("weir serve ended: " + content("err"));
      ::sched_yield();
    }
    url_ = line.substr(line.find("http://")) + "/";
  }

  void kill(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
    std::filesystem::remove(folder_.file("out"));
  }

  Environment more_environment = {};  // for the next start()

  const std::string& url() const { return url_; }
  int port() const { return std::stoi(url_.substr(url_.rfind(':') + 1)); }
  const TemporaryFolder& folder() const { return folder_; }

  // What it has written to standard output and error.
  std::string printed() const { return content("out") + content("err"); }

  // The most memory it has had in physical pages so far, in MiB.
  double peak_mib() const {
    std::ifstream status("/proc/" + std::to_string(process_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    throw std::runtime_error("weir serve has no memory: it has ended");
  }

 private:
  bool read_first_line(std::string& line) const {
    std::ifstream file(folder_.file("out"));
    return std::getline(file, line) && !file.eof() && line.find("http://") != std::string::npos;
  }

  std::string content(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(folder_.file(name)).rdbuf();
    return text.str();
  }

  const std::string binaries_;
  const TemporaryFolder folder_;
  std::string url_;
  pid_t process_ = -1;
};

}  // namespace weir::testing
