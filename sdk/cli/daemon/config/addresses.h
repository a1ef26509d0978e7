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

// Whether one of the two finds its port taken by the other: localhost is 127.0.0.1 and ::1, 0.0.0.0
// each address of IPv4, and :: all.
bool clash(const ListenAddress& one, const ListenAddress& other);

// The url of a server in the one spelling that all of the same server have.
std::string plain_url(const std::string& url);

}  // namespace weir::daemon
