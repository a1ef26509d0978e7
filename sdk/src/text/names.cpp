#include "text/names.h"

#include <algorithm>

#include "text/json_string.h"

namespace weir::text {
namespace {

// So that it fits into a URL, a line of a log and an index of a database.
constexpr std::size_t kLongest = 1024;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

Error unusable(std::string_view what, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "the name of the " + std::string(what) + " " + problem +
                     ". Nothing was changed, and no call was made."};
}

}  // namespace

Result<void> check_name(std::string_view what, std::string_view name) {
  if (name.find_first_not_of(' ') == std::string_view::npos)
    return unusable(what, "is empty; is a variable not set?");
  if (name.size() > kLongest) return unusable(what, "is longer than 1,024 bytes");
  if (name.back() == '\r')
    return unusable(what, "ends in a carriage return; does it come from a file with CRLF lines?");
  if (std::any_of(name.begin(), name.end(), is_control))
    return unusable(what, "has a control character in it");
  if (std::string written; !append_json_string(written, name))
    return unusable(what, "is not valid UTF-8 text");
  return {};
}

}  // namespace weir::text
