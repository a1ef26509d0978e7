// MariadbServer: a real MariaDB of the test's own, in a temporary folder, on a socket and a free
// port of its own; gone with the test. As root it runs as the user nobody, since it refuses root.
#pragma once

#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/free_port.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class MariadbServer {
 public:
  MariadbServer() {
    if (::geteuid() == 0) give_to_nobody();
    must(as_owner({"/usr/bin/mariadb-install-db", "--no-defaults", "--datadir=" + data_,
                   "--auth-root-authentication-method=normal", "--skip-test-db",
                   "--skip-name-resolve", "--basedir=/usr"}));
    start();
    sql("CREATE DATABASE crm CHARACTER SET utf8mb4; CREATE USER reader@'127.0.0.1' IDENTIFIED BY "
        "'s3;}cret';"
        "GRANT SELECT ON crm.* TO reader@'127.0.0.1'");
  }
  ~MariadbServer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  // Of the user reader, who may read the database `crm`.
  std::string url() const {
    return "odbc://Driver=MariaDB Unicode;Server=127.0.0.1;Port=" + port_ +
           ";Database=crm;UID=reader;PWD={s3;}}cret}";
  }

  const std::string& port() const { return port_; }

  // As the administrator, in the database `crm` when it is there. Returns what is printed.
  std::string sql(const std::string& statements, const std::string& database = "") const {
    std::vector<std::string> command = {
        "/usr/bin/mariadb",   "--no-defaults", "--default-character-set=utf8mb4", "-uroot", "-N",
        "--socket=" + socket_};
    if (!database.empty()) command.push_back(database);
    command.insert(command.end(), {"-e", statements});
    return must(run(command, kEnvironment));
  }

 private:
  static inline const Environment kEnvironment = {{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"},
                                                  {"LC_ALL", "C.UTF-8"}};

  static std::string must(const Finished& done) {
    if (done.exit_code != 0) throw std::runtime_error("MariaDB: " + done.out + done.err);
    return done.out;
  }

  void give_to_nobody() const {
    const passwd* nobody = ::getpwnam("nobody");
    const std::string folder = folder_.path().string();
    if (::chown(folder.c_str(), nobody->pw_uid, nobody->pw_gid) != 0)
      throw std::runtime_error("cannot give " + folder + " to nobody");
  }

  static std::vector<std::string> owned(std::vector<std::string> command) {
    if (::geteuid() == 0) {
      const std::vector<std::string> drop = {"/usr/bin/setpriv", "--reuid=nobody",
                                             "--regid=nogroup", "--clear-groups", "--"};
      command.insert(command.begin(), drop.begin(), drop.end());
    }
    return command;
  }
  static Finished as_owner(const std::vector<std::string>& command) {
    return run(owned(command), kEnvironment);
  }

  // Comes back when it answers.
  void start() {
    process_ = testing::start(
        owned({"/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + data_, "--socket=" + socket_,
               "--port=" + port_, "--bind-address=127.0.0.1", "--skip-name-resolve",
               "--innodb-flush-log-at-trx-commit=0", "--pid-file=" + folder_.file("pid")}),
        kEnvironment, folder_.file("out"), folder_.file("err"));
    while (as_owner(
               {"/usr/bin/mariadb-admin", "--no-defaults", "-uroot", "--socket=" + socket_, "ping"})
               .exit_code != 0) {
      if (::waitpid(process_, nullptr, WNOHANG) == process_)
        throw std::runtime_error("MariaDB does not start; see " + folder_.file("err"));
    }
  }

  const TemporaryFolder folder_;
  const std::string data_ = folder_.file("data");
  const std::string socket_ = folder_.file("socket");
  const std::string port_ = free_port();
  pid_t process_ = -1;
};

}  // namespace weir::testing
