#include "daemon/config/addresses.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

#include "text/loopback.h"

namespace weir::daemon {
namespace {

constexpr int kMostPort = 65535;

// "host", "host:port" or "[::1]:port" of the authority.
std::string host_of(const std::string& authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string plain_socket(const ListenAddress& address) {
  return std::filesystem::path(address.socket).lexically_normal().string();
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
  const std::string port = authority.substr(host.size());
  int number = 0;
  const char* end = port.data() + port.size();
  const bool is_port = port.size() > 1 && port.front() == ':' &&
                       std::from_chars(port.data() + 1, end, number).ptr == end && number >= 1 &&
                       number <= kMostPort;
  if (!port.empty() && !is_port) return "has a port that is not a number from 1 to 65535";
  const bool is_plain = std::none_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '\\';
  });
  if (!is_plain) return "has a blank or a sign in it that no address has";
  const std::string kind = lower(url.substr(0, scheme));
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

bool clash(const ListenAddress& one, const ListenAddress& other) {
  if (!one.socket.empty() || !other.socket.empty()) return plain_socket(one) == plain_socket(other);
  if (one.port == 0 || one.port != other.port) return false;
  const std::string first = lower(one.host);
  const std::string second = lower(other.host);
  const auto is_version_4 = [](const std::string& host) {
    return host.find(':') == std::string::npos;
  };
  const auto takes = [&](const std::string& any, const std::string& host) {
    if (any == "localhost") return host == "127.0.0.1" || host == "::1";
    return any == "::" || (any == "0.0.0.0" && is_version_4(host));
  };
  return first == second || takes(first, second) || takes(second, first);
}

std::string plain_url(const std::string& url) {
  const std::size_t scheme = std::min(url.find("://"), url.size());
  const std::size_t begin = std::min(scheme + 3, url.size());
  const std::size_t path = std::min(url.find('/', begin), url.size());
  const std::string authority = lower(url.substr(begin, path - begin));
  const std::string kind = lower(url.substr(0, scheme));
  const std::string host = host_of(authority);
  std::string port = authority.substr(host.size());
  if (port == (kind == "https" ? ":443" : ":80")) port.clear();
  std::string rest = url.substr(path);
  while (rest.ends_with('/')) rest.pop_back();
  return kind + "://" + (text::is_loopback(host) ? "localhost" : host) + port + rest;
}

}  // namespace weir::daemon
