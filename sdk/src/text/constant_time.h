// Comparing what a request claims with the organization's private tokens. Pure functions.
#pragma once

#include <weir/secret.h>

#include <string_view>
#include <vector>

namespace weir::sync {

// Whether the text is one of the tokens. Takes as long for a right text as for a wrong one of the
// same length, whichever of its bytes are wrong, so nobody learns a token by the time it takes.
bool is_one_of(const std::vector<Secret>& tokens, std::string_view claimed);

// The same for one text.
bool equal_in_constant_time(std::string_view known, std::string_view claimed);

}  // namespace weir::sync
