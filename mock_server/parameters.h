// Parameters of a request's address, whose names are matched without regard to case. Pure.
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

inline std::string parameter(const httplib::Request& request, const std::string& name) {
  for (const auto& [found, value] : request.params) {
    if (same_name(found, name)) return value;
  }
  return "";
}

}  // namespace weir::mock
