#include "http/url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "text/ascii.h"
#include "text/loopback.h"

namespace weir::http {
namespace {

bool is_unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

// A name, an IPv4 address, or an IPv6 address in brackets. A name of other letters is given in its
// form for the net, xn--….
bool is_host(std::string_view host) {
  const bool is_bracketed = host.starts_with('[');
  if (is_bracketed) {
    if (!host.ends_with(']') || host.size() < 4) return false;
    host = host.substr(1, host.size() - 2);
  }
  return std::all_of(host.begin(), host.end(), [&](char c) {
    return text::is_letter_or_digit(c) || c == '.' ||
           (is_bracketed ? c == ':' || c == '%' : c == '-' || c == '_');
  });
}

// What follows the host: nothing, or a colon and the port.
bool has_usable_port(std::string_view text) {
  if (text.empty()) return true;
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  unsigned int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool has_only_url_characters(std::string_view url) {
  return std::all_of(url.begin(), url.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
}

// What is wrong with a URL up to its query; empty: nothing, and `base` is what it says.
std::string read_base(std::string_view url, BaseUrl& base) {
  if (!has_only_url_characters(url)) return "it has a space or a character that no URL has";
  const std::size_t scheme_end = std::min(url.find("://"), url.size());
  const bool https = text::same_but_for_case(url.substr(0, scheme_end), "https");
  if (!https && !text::same_but_for_case(url.substr(0, scheme_end), "http"))
    return "it does not begin with https://";
  const std::string_view rest = url.substr(std::min(scheme_end + 3, url.size()));
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos) return "it has a user name";
  base = {.text = std::string(url), .host = std::string(host_of(authority))};
  if (base.host.empty()) return "it has no host";
  if (!is_host(base.host)) return "its host '" + base.host + "' has a character that no host has";
  if (!has_usable_port(authority.substr(base.host.size())))
    return "its port is not a number from 1 to 65535";
  base.is_loopback = text::is_loopback(base.host);
  if (!https && !base.is_loopback)
    return "plain http is for loopback only, and " + base.host + " is not";
  return "";
}

}  // namespace

Result<BaseUrl> parse_base_url(std::string_view url) {
  BaseUrl base;
  std::string problem = read_base(url.substr(0, url.find_first_of("?#")), base);
  if (problem.empty() && url.find_first_of("?#") != std::string_view::npos)
    problem = "it has a query or a fragment";
  if (!problem.empty())
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the url cannot be used: " + problem +
                            ". Give the platform's host, such as https://secure.example.com"};
  while (base.text.ends_with('/')) base.text.pop_back();
  return base;
}

Result<BaseUrl> parse_address(std::string_view url) {
  BaseUrl address;
  std::string problem = has_only_url_characters(url)
                            ? read_base(url.substr(0, url.find_first_of("?#")), address)
                            : "it has a space or a character that no URL has";
  if (problem.empty() && url.find('#') != std::string_view::npos) problem = "it has a fragment";
  if (!problem.empty())
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the address cannot be used: " + problem +
                            ". Give a whole one, such as https://hooks.example.com/entries"};
  address.text = std::string(url);
  return address;
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
