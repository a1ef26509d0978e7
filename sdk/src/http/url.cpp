#include "http/url.h"

#include <algorithm>
#include <cctype>

namespace weir::http {
namespace {

Error wrong(const std::string& why) {
  return {.code = ErrorCode::kInvalidConfig,
          .message = "the url cannot be used: " + why +
                     ". Give the platform's host, such as https://secure.example.com"};
}

bool is_unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

bool is_loopback_address(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const bool is_ipv4 = !host.empty() &&
                       host.find_first_not_of("0123456789.") == std::string_view::npos &&
                       std::count(host.begin(), host.end(), '.') == 3;
  return is_ipv4 && host.substr(0, 4) == "127.";
}

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool has_only_url_characters(std::string_view url) {
  return std::all_of(url.begin(), url.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
}

}  // namespace

Result<BaseUrl> parse_base_url(std::string_view url) {
  if (!has_only_url_characters(url)) return wrong("it has a space or a character that no URL has");
  const bool https = url.starts_with("https://");
  if (!https && !url.starts_with("http://")) return wrong("it does not begin with https://");
  const std::string_view rest = url.substr(url.find("://") + 3);
  if (rest.find_first_of("?#") != std::string_view::npos)
    return wrong("it has a query or a fragment");
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos) return wrong("it has a user name");
  BaseUrl base{.text = std::string(url), .host = std::string(host_of(authority))};
  if (base.host.empty()) return wrong("it has no host");
  base.is_loopback = is_loopback_address(base.host);
  if (!https && !base.is_loopback)
    return wrong("plain http is for loopback only, and " + base.host + " is not");
  while (base.text.ends_with('/')) base.text.pop_back();
  return base;
}

std::string encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kHex[byte >> 4]);
    encoded.push_back(kHex[byte & 0xF]);
  }
  return encoded;
}

std::string full_url(const BaseUrl& base, std::string_view path,
                     const std::vector<std::pair<std::string, std::string>>& query) {
  std::string url = base.text;
  for (const char c : path) url += c == '/' ? std::string(1, c) : encode(std::string_view(&c, 1));
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + encode(name) + "=" + encode(value);
    separator = '&';
  }
  return url;
}

}  // namespace weir::http
