// What `weir doctor` tells of the machine. Reads the system; changes nothing.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir::cli {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

// System, processors, memory, clock, limits, and the disk of a folder.
NamedTexts system_facts(const std::string& folder);

// Of the files of a store their size, mode, owner and last change; of a database elsewhere nothing.
NamedTexts store_files(const std::string& location);

}  // namespace weir::cli
