// Foreign text as it may be shown: it must not steer a terminal or break a line. Pure, thread-safe.
#pragma once

#include <algorithm>
#include <string>

namespace weir::cli {

inline std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

}  // namespace weir::cli
