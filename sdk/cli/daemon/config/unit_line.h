// What is missing in the unit where systemd runs this process and keeps it from something: the line
// that would let it.
#pragma once

#include <optional>
#include <string>

namespace weir::daemon {

// "; in the unit: LINE" where systemd runs this process, else nothing.
std::string unit_line(const std::string& line);

// Why a folder cannot be written now, or made where it is not there; empty when it can.
std::optional<std::string> folder_problem(const std::string& folder);

// The same for a file that cannot be read. One that is not there is no problem of this kind.
std::optional<std::string> reading_problem(const std::string& file);

}  // namespace weir::daemon
