#include "daemon/config/addresses.h"

#include <charconv>

#include "text/loopback.h"

namespace weir::daemon {
namespace {

constexpr int kMostPort = 65535;

// "host", "host:port" or "[::1]:port" of the authority.
std::string host_of(const std::string& authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace

std::optional<std::string> web_problem(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return "must be an address such as https://host/path";
  const std::size_t begin = scheme + 3;
  const std::string authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (authority.find('@') != std::string::npos)
    return "must have no user and password in it; a file holds secrets";
  const std::string host = host_of(authority);
  if (host.empty()) return "has no host in it";
  const std::string kind = url.substr(0, scheme);
  if (kind == "https" || (kind == "http" && text::is_loopback(host))) return std::nullopt;
  return "must begin with https://; http is for this machine alone";
}

std::optional<ListenAddress> listen_address(const std::string& text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    ListenAddress address{.socket = text.substr(kUnix.size())};
    return address.socket.starts_with('/') ? std::optional(address) : std::nullopt;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  ListenAddress address{.host = text.substr(0, colon)};
  const bool is_bracketed = address.host.starts_with('[') && address.host.ends_with(']');
  if (is_bracketed) address.host = address.host.substr(1, address.host.size() - 2);
  if (!is_bracketed && address.host.find(':') != std::string::npos) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc() || stopped != end || address.port < 0 || address.port > kMostPort)
    return std::nullopt;
  return address;
}

}  // namespace weir::daemon
