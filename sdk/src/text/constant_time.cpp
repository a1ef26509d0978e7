#include "text/constant_time.h"

#include <cstddef>

namespace weir::sync {

// Goes over all of what is claimed, whose length its sender knows, and never stops early. The
// volatile keeps a compiler from stopping for us.
bool equal_in_constant_time(std::string_view known, std::string_view claimed) {
  if (known.empty()) return false;
  volatile std::size_t differences = known.size() ^ claimed.size();
  std::size_t at = 0;
  for (const char byte : claimed) {
    differences = differences | static_cast<unsigned char>(byte ^ known[at]);
    at = at + 1 == known.size() ? 0 : at + 1;
  }
  return differences == 0;
}

bool is_one_of(const std::vector<Secret>& tokens, std::string_view claimed) {
  unsigned matches = 0;
  for (const Secret& token : tokens)
    matches |= static_cast<unsigned>(equal_in_constant_time(token.reveal(), claimed));
  return matches != 0;
}

}  // namespace weir::sync
