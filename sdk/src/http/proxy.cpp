#include "http/proxy.h"

#include <weir/url_without_password.h>

#include <cstdlib>

namespace weir::http {
namespace {

std::string host_and_port(const std::string& value) {
  const bool has_scheme = value.find("://") != std::string::npos;
  std::string shown = url_without_password(has_scheme ? value : "http://" + value);
  shown.erase(0, shown.find("://") + 3);
  const std::size_t at = shown.rfind('@');
  if (at != std::string::npos) shown.erase(0, at + 1);
  return shown.substr(0, shown.find('/'));
}

}  // namespace

std::optional<Proxy> proxy_of_environment() {
  // In the order in which libcurl looks.
  for (const char* variable : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    return Proxy{.variable = variable, .value = value, .shown = host_and_port(value)};
  }
  return std::nullopt;
}

}  // namespace weir::http
