// What tells that a text is no key as it stands: something of the file or of the shell that it was
// copied with is around it. Each such mistake would cost a call. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::text {

// "has quotes around it …"; empty when nothing is wrong. Never quotes a part of the text.
std::optional<std::string> objection_to_key(std::string_view key);

}  // namespace weir::text
