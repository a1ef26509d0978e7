// Addresses as they stand in weir.toml: what is wrong with one, if anything. Pure.
#pragma once

#include <optional>
#include <string>

namespace weir::daemon {

// Of a server of others: https, or http of this machine, and without a password in it.
std::optional<std::string> web_problem(const std::string& url);

struct ListenAddress {
  std::string host = {};
  int port = 0;
  std::string socket = {};  // the path of unix:…; then host and port mean nothing
};

// "127.0.0.1:9464", "[::1]:0", "unix:/run/weir/status.sock"; empty when it is none of these.
std::optional<ListenAddress> listen_address(const std::string& text);

}  // namespace weir::daemon
