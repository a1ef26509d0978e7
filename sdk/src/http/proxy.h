// The proxy that the environment names for https. libcurl heeds it by itself; this is for messages.
#pragma once

#include <optional>
#include <string>

namespace weir::http {

struct Proxy {
  std::string variable;  // where it is set, such as "https_proxy"
  std::string value;     // with its password: never to be shown
  std::string shown;     // host and port
};

// Empty when there is none. Hosts of no_proxy are not looked at.
std::optional<Proxy> proxy_of_environment();

}  // namespace weir::http
