// IsolatedNetwork: takes the calling thread, and all that it starts from now on, into a network of
// its own, with hosts in it that are joined to this one by cables.
//
// Nothing of it has a name outside: the kernel takes it away with the processes in it, after
// kill -9 too, and two runs at the same time do not meet.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "support/process.h"

namespace weir::testing {

class IsolatedNetwork {
 public:
  explicit IsolatedNetwork(int hosts) {
    outside_ = this_network();
    if (!enter_new_network()) return;
    inside_ = this_network();
    ip({"link", "set", "lo", "up"});
    for (int host = 0; host < hosts && problem_.empty(); ++host) add_host(host);
  }
  ~IsolatedNetwork() {
    ::setns(outside_, CLONE_NEWNET);
    for (const int host : hosts_) ::close(host);
    ::close(inside_);
    ::close(outside_);
  }
  IsolatedNetwork(const IsolatedNetwork&) = delete;
  IsolatedNetwork& operator=(const IsolatedNetwork&) = delete;

  // Why it could not be made; empty when it was.
  const std::string& problem() const { return problem_; }

  // All addresses in it.
  static std::string addresses() { return "10.231.0.0/16"; }

  // How `host` reaches this one.
  static std::string seen_from(int host) { return network(host) + ".1"; }

  // The command that runs `command` on `host`; it dies with the test.
  std::vector<std::string> on_host(int host, const std::vector<std::string>& command) const {
    std::vector<std::string> words = {"/usr/bin/setpriv",
                                      "--pdeathsig",
                                      "KILL",
                                      "--",
                                      "/usr/bin/nsenter",
                                      "--net=" + path(hosts_[host]),
                                      "--"};
    words.insert(words.end(), command.begin(), command.end());
    return words;
  }

 private:
  static std::string network(int host) { return "10.231." + std::to_string(host); }

  static int this_network() { return ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

  static std::string path(int network) {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(network);
  }

  bool enter_new_network() {
    if (::unshare(CLONE_NEWNET) != 0) problem_ = std::strerror(errno);
    return problem_.empty();
  }

  void add_host(int host) {
    const std::string cable = "cable" + std::to_string(host);
    if (!enter_new_network()) return;
    hosts_.push_back(this_network());
    ::setns(inside_, CLONE_NEWNET);
    ip({"link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns",
        path(hosts_.back())});
    ip({"addr", "add", network(host) + ".1/24", "dev", cable});
    ip({"link", "set", cable, "up"});
    const std::vector<std::string> there = on_host(host, {"/usr/sbin/ip"});
    ip({"addr", "add", network(host) + ".2/24", "dev", "eth0"}, there);
    ip({"link", "set", "eth0", "up"}, there);
  }

  void ip(const std::vector<std::string>& words,
          std::vector<std::string> program = {"/usr/sbin/ip"}) {
    if (!problem_.empty()) return;
    program.insert(program.end(), words.begin(), words.end());
    const Finished done = run(program, {});
    if (done.exit_code != 0) problem_ = done.err;
  }

  int outside_ = -1;
  int inside_ = -1;
  std::vector<int> hosts_;
  std::string problem_;
};

}  // namespace weir::testing
