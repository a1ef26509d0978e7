// The pages a person sees: Organization Setup > Integrations with the usage box at /, the last
// calls at /logs, and the data sources (data_source_page.h). Unmetered.
#pragma once

#include "companies.h"

namespace httplib {
class Server;
}

namespace weir::mock {

void add_portal_routes(httplib::Server& server, Companies& companies);

// The HTML of the two pages; pure functions of what they show.
std::string integrations_page(const Usage& usage, const Options& options, const OrgZone& zone);
std::string logs_page(const Usage& usage, const Options& options, const OrgZone& zone);

}  // namespace weir::mock
