// What the portal's pages are made of. Pure functions; every text of others passes escaped().
#pragma once

#include <cstdint>
#include <string>

#include "options.h"

namespace weir::mock {

std::string escaped(const std::string& text);

// 11372 as 11,372
std::string grouped(std::int64_t number);

// `content` is markup.
std::string element(const std::string& name, const std::string& attributes,
                    const std::string& content);

// The whole document; `title` and `content` are markup. A browser reads it again every five
// seconds. Of several organizations it has links to the others.
std::string page(const std::string& title, const Options& options, const std::string& content);

// What an address ends with, so that it stays with the organization: nothing where there is one.
std::string asked_for(const Options& options);

// As a part of a path.
std::string path_segment(const std::string& text);

}  // namespace weir::mock
