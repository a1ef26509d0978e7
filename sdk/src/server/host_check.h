// Which Host a listener is asked for. A page from elsewhere can make a browser ask a listener of
// this machine by a name of its own that leads here; the Host that the browser sends tells. Pure.
#pragma once

#include <string_view>

namespace weir::server {

// Whether `host`, as the header has it, names the listener at `address`: by that address,
// localhost, 127.0.0.1 or [::1], with any port or none, since a tunnel changes it.
bool names_listener(std::string_view host, std::string_view address);

}  // namespace weir::server
