// Whether a host means this machine alone. Pure, thread-safe.
#pragma once

#include <string_view>

namespace weir::text {

// localhost, 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104, in every way in which IPv6 spells them,
// with brackets or without. No name that only begins or ends so, and no short or octal IPv4
// address, which programs read in different ways.
bool is_loopback(std::string_view host);

}  // namespace weir::text
