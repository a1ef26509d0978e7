// Paths and parameters of a request's address, both without regard to case. Pure.
#pragma once

#include <httplib.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace weir::mock {

inline bool same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The route of a path whose case does not matter and that may end with a slash.
inline std::string any_case(const std::string& path) {
  std::string route;
  for (const char c : path) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalpha(letter) != 0) {
      route += {'[', static_cast<char>(std::tolower(letter)),
                static_cast<char>(std::toupper(letter)), ']'};
    } else {
      route += c;
    }
  }
  return route + "/?";
}

inline std::string parameter(const httplib::Request& request, const std::string& name) {
  for (const auto& [found, value] : request.params) {
    if (same_name(found, name)) return value;
  }
  return "";
}

}  // namespace weir::mock
