// What a person wants to see after the first push: the data sources at /data-sources, and the rows
// of each at /data-sources/ID. Unmetered.
#pragma once

#include "companies.h"

namespace httplib {
class Server;
struct Request;
}  // namespace httplib

namespace weir::mock {

void add_data_source_pages(httplib::Server& server, Companies& companies);

// The organization that a page is asked for: that of ?company=ID, else the first.
Platform& shown_platform(Companies& companies, const httplib::Request& request);

// The HTML of the two pages; pure functions of what they show.
std::string data_sources_page(Platform& platform);
// At most the first 1,000 rows. Empty when there is no such data source.
std::string data_source_page(Platform& platform, const std::string& id);

}  // namespace weir::mock
