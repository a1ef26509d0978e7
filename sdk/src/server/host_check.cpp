#include "server/host_check.h"

#include <algorithm>

#include "text/ascii.h"

namespace weir::server {
namespace {

// Without port and brackets; "" when it is no host with a port.
std::string_view name_of(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return "";
  const std::size_t colon = host.find(':', bracket);
  const std::string_view port = colon == std::string_view::npos ? "" : host.substr(colon + 1);
  const std::string_view name = host.substr(0, colon);
  if (!std::all_of(port.begin(), port.end(), text::is_digit)) return "";
  if (bracket == 0) return name;
  return bracket + 1 == name.size() ? name.substr(1, bracket - 1) : "";
}

}  // namespace

bool names_listener(std::string_view host, std::string_view address) {
  const std::string_view name = name_of(host);
  return !name.empty() &&
         (text::same_but_for_case(name, address) || text::same_but_for_case(name, "localhost") ||
          name == "127.0.0.1" || name == "::1");
}

}  // namespace weir::server
