// What the portal's pages are made of. Pure functions; every text of others passes escaped().
#pragma once

#include <cstdint>
#include <string>

namespace weir::mock {

std::string escaped(const std::string& text);

// 11372 as 11,372
std::string grouped(std::int64_t number);

// `content` is markup.
std::string element(const std::string& name, const std::string& attributes,
                    const std::string& content);

// The whole document; `title` and `content` are markup. A browser reads it again every five
// seconds.
std::string page(const std::string& title, const std::string& company, const std::string& content);

// As a part of a path.
std::string path_segment(const std::string& text);

}  // namespace weir::mock
