// PostgresServer: a real PostgreSQL of the test's own, in a temporary folder, on a socket and a
// free port of its own; gone with the test. As root it runs as the user nobody, since initdb
// refuses root.
#pragma once

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/free_port.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class PostgresServer {
 public:
  explicit PostgresServer(const std::string& address = "127.0.0.1") : address_(address) {
    data_ = folder_.file("data");
    std::filesystem::create_directory(data_);
    if (::geteuid() == 0) give_to_nobody();
    must({program("initdb"), "-D", data_, "-A", "trust", "-U", "weir", "--no-sync"});
    port_ = free_port();
    start();
  }
  ~PostgresServer() {
    go_on();
    stop("immediate");
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Each `name` is a schema of its own, so that one server serves many tests.
  std::string url(const std::string& name = "public") {
    if (name != "public") {
      must({program("psql"), "-q", "-h", data_, "-p", port_, "-U", "weir", "-d", "postgres", "-c",
            "CREATE SCHEMA IF NOT EXISTS " + name});
    }
    return "postgresql://weir@" + address_ + ":" + port_ + "/postgres?options=-csearch_path%3D" +
           name;
  }

  // Statements of an administrator, in the schema public. Returns what is printed.
  std::string sql(const std::string& statements) const {
    const std::vector<std::string> command = {program("psql"),
                                              "-qAt",
                                              "-v",
                                              "ON_ERROR_STOP=1",
                                              "-h",
                                              data_,
                                              "-p",
                                              port_,
                                              "-U",
                                              "weir",
                                              "-d",
                                              "postgres",
                                              "-c",
                                              statements};
    const Finished done = as_owner(command);
    if (done.exit_code != 0) throw std::runtime_error("psql: " + done.err);
    return done.out;
  }

  // All that is in it, as statements: the same for the same contents.
  std::string dump() const {
    const Finished done =
        as_owner({program("pg_dump"), "-h", data_, "-p", port_, "-U", "weir", "postgres"});
    if (done.exit_code != 0) throw std::runtime_error("pg_dump: " + done.err);
    std::string text;
    std::istringstream lines(done.out);
    // These have a random word in them.
    for (std::string line; std::getline(lines, line);)
      if (line.find("restrict ") == std::string::npos) text += line + "\n";
    return text;
  }

  void start() {
    must({program("pg_ctl"), "-D", data_, "-l", data_ + "/log", "-w", "-o",
          "-p " + port_ + " -c listen_addresses='" + address_ + "' -c unix_socket_directories='" +
              data_ + "' -c max_connections=200 " + extra_options,
          "start"});
  }

  // "immediate" is what a kill -9 of the server is: it recovers at the next start.
  void stop(const std::string& mode) {
    as_owner({program("pg_ctl"), "-D", data_, "-m", mode, "-w", "stop"});
  }

  // Hangs rather than refuses: the kernel still answers for it. Its sessions of now hang too.
  void hang() {
    pid_t postmaster = 0;
    std::ifstream(data_ + "/postmaster.pid") >> postmaster;
    // First of all the one that begins others.
    stop_process(postmaster);
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const pid_t process = std::atoi(entry.path().filename().c_str());
      if (process > 0 && parent_of(process) == postmaster) stop_process(process);
    }
  }
  void go_on() {
    for (const pid_t process : stopped_) ::kill(process, SIGCONT);
    stopped_.clear();
  }

  // Listens on all addresses and trusts those of a network, such as "10.0.0.0/8".
  void open_to(const std::string& network) {
    stop("fast");
    std::ofstream(data_ + "/pg_hba.conf", std::ios::app)
        << "host all all " << network << " trust\n";
    extra_options = "-c listen_addresses='*'";
    start();
  }

  // Makes a role that logs in with the password "s3cr3t".
  void require_password(const std::string& role) {
    sql("CREATE ROLE " + role + " LOGIN PASSWORD 's3cr3t'");
    std::ostringstream rules;
    rules << std::ifstream(data_ + "/pg_hba.conf").rdbuf();
    std::ofstream(data_ + "/pg_hba.conf") << "host all " << role << " all scram-sha-256\n"
                                          << rules.str();
    sql("SELECT pg_reload_conf()");
    stop("fast");
    start();
  }

  // From the next start() on it only follows another server, and takes no writes.
  void make_standby() const { std::ofstream(data_ + "/standby.signal"); }

  const std::string& port() const { return port_; }

  std::string extra_options;  // for the next start()

 private:
  static std::string program(const std::string& name) {
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
      const std::string path = version.path().string() + "/bin/" + name;
      if (std::filesystem::exists(path)) return path;
    }
    throw std::runtime_error("PostgreSQL is not installed: no " + name);
  }

  void stop_process(pid_t process) {
    if (::kill(process, SIGSTOP) == 0) stopped_.push_back(process);
  }

  // 0: it has ended meanwhile.
  static pid_t parent_of(pid_t process) {
    std::string line;
    std::getline(std::ifstream("/proc/" + std::to_string(process) + "/stat"), line);
    std::istringstream after_name(line.substr(std::min(line.rfind(')') + 1, line.size())));
    std::string state;
    pid_t parent = 0;
    after_name >> state >> parent;
    return parent;
  }

  void give_to_nobody() const {
    const passwd* nobody = ::getpwnam("nobody");
    for (const std::string& path : {std::filesystem::path(data_).parent_path().string(), data_}) {
      if (::chown(path.c_str(), nobody->pw_uid, nobody->pw_gid) != 0)
        throw std::runtime_error("cannot give " + path + " to nobody");
    }
  }

  Finished as_owner(std::vector<std::string> command) const {
    if (::geteuid() == 0) {
      const std::vector<std::string> drop = {"/usr/bin/setpriv", "--reuid=nobody",
                                             "--regid=nogroup", "--clear-groups", "--"};
      command.insert(command.begin(), drop.begin(), drop.end());
    }
    return run(command, {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}, {"HOME", data_}});
  }

  void must(const std::vector<std::string>& command) const {
    const Finished done = as_owner(command);
    if (done.exit_code != 0) throw std::runtime_error(command.front() + ": " + done.out + done.err);
  }

  const std::string address_;
  const TemporaryFolder folder_;
  std::string data_;
  std::string port_;
  std::vector<pid_t> stopped_;
};

}  // namespace weir::testing
