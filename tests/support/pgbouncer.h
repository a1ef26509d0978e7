// PgBouncer: the real pooler in front of a PostgresServer, on a free port of its own; gone with the
// test. As root it runs as the user nobody, since it refuses root.
#pragma once

#include <pwd.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/free_port.h"
#include "support/postgres_server.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class PgBouncer {
 public:
  // `pool_mode`: session, transaction or statement.
  PgBouncer(const PostgresServer& server, const std::string& pool_mode) : port_(free_port()) {
    folder_.write("users.txt", "\"weir\" \"\"\n");
    folder_.write("pgbouncer.ini",
                  "[databases]\n* = host=127.0.0.1 port=" + server.port() +
                      "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " + port_ +
                      "\nunix_socket_dir =\nauth_type = trust\nauth_file = " +
                      folder_.file("users.txt") + "\npool_mode = " + pool_mode + "\n");
    process_ = testing::start(command(), {}, folder_.file("out"), folder_.file("err"));
    while (!listens()) ::sched_yield();
  }
  ~PgBouncer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;

  std::string url() const { return "postgresql://weir@127.0.0.1:" + port_ + "/postgres"; }

 private:
  std::vector<std::string> command() const {
    const std::string folder = std::filesystem::path(folder_.file("x")).parent_path().string();
    std::vector<std::string> words = {"/usr/sbin/pgbouncer", folder_.file("pgbouncer.ini")};
    if (::geteuid() != 0) return words;
    const passwd* nobody = ::getpwnam("nobody");
    for (const std::string& path : {folder, folder + "/users.txt", folder + "/pgbouncer.ini"}) {
      if (::chown(path.c_str(), nobody->pw_uid, nobody->pw_gid) != 0)
        throw std::runtime_error("cannot give " + path + " to nobody");
    }
    const std::vector<std::string> drop = {"/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup",
                                           "--clear-groups", "--"};
    words.insert(words.begin(), drop.begin(), drop.end());
    return words;
  }

  bool listens() const {
    if (::waitpid(process_, nullptr, WNOHANG) != 0)
      throw std::runtime_error("PgBouncer ended at once");
    try {
      const RawClient client(std::stoi(port_));
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
