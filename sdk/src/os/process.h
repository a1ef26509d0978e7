// Who this process is, in words that another process can check.
#pragma once

#include <cstdint>
#include <string>

namespace weir::os {

// The number of this process.
std::int64_t process_id();

// This host since it was started: processes with the same host_id() share steady time. One in a
// time namespace of its own is of another host.
const std::string& host_id();
// The same, asked for anew.
std::string read_host_id();

// This process among all that ever ran on any host: its host, its process numbers' namespace, its
// number and the moment it started.
std::string process_name();

// Whether the process of this name is certainly dead, or certainly alive. Neither when that cannot
// be told from here: it runs on another host, or this system hides it or does not say.
bool is_dead(const std::string& process_name);
bool is_alive(const std::string& process_name);

}  // namespace weir::os
