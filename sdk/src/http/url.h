// URLs as the transport needs them: the base URL of the platform, checked once, and encoded paths
// and queries. Pure functions, thread-safe.
#pragma once

#include <weir/result.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

struct BaseUrl {
  std::string text = {};  // without a slash at the end
  std::string host = {};  // for messages: without port, path or anything secret
  bool is_loopback = false;
};

// kInvalidConfig: not http(s), plain http to a host that is not loopback, or with user, query or
// fragment.
Result<BaseUrl> parse_base_url(std::string_view url);

// The same for the whole address of one thing, which may have a query.
Result<BaseUrl> parse_address(std::string_view url);

// Percent-encodes everything but unreserved characters (RFC 3986, 2.3).
std::string encode(std::string_view text);

// Base URL, path (kept as it is but for characters that no path has) and encoded query.
std::string full_url(const BaseUrl& base, std::string_view path,
                     const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace weir::http
