#include "data_source_page.h"

#include <httplib.h>

#include "portal_html.h"

namespace weir::mock {
namespace {

constexpr std::int64_t kMostRowsShown = 1000;

std::string crumbs(const Options& options, const std::string& here) {
  return R"(<nav class="crumbs" aria-label="Breadcrumb"><a href="/data-sources)" +
         asked_for(options) + "\">Data Sources</a>" + here + "</nav>\n";
}

// A data source that no call has changed has no time yet.
std::string changed(const DataSourceTable& table, const OrgZone& zone) {
  return table.last_updated() == Instant() ? "never"
                                           : escaped(zone.local_time(table.last_updated()));
}

std::string cells(const char* name, const Row& row) {
  std::string html;
  for (const std::string& cell : row) html += element(name, "", escaped(cell));
  return element("tr", "", html) + "\n";
}

std::string rows_of(const DataSourceTable& table) {
  std::string html;
  std::int64_t shown = 0;
  for (const Row& row : table.rows()) {
    if (shown++ == kMostRowsShown) break;
    html += cells("td", row);
  }
  return html;
}

std::string how_many(const DataSourceTable& table) {
  const auto count = static_cast<std::int64_t>(table.rows().size());
  const std::string shown = count > kMostRowsShown ? ", the first " + grouped(kMostRowsShown) : "";
  return "<span id=\"rows\">" + grouped(count) + "</span> " + (count == 1 ? "row" : "rows") + shown;
}

}  // namespace

std::string data_sources_page(Platform& platform) {
  std::string lines;
  for (const std::string& id : platform.data_sources().external_ids()) {
    platform.data_sources().with({.external_id = id}, [&](const DataSourceTable& table) {
      const std::string link = element(
          "a", "href=\"/data-sources/" + path_segment(id) + asked_for(platform.options()) + "\"",
          escaped(id));
      lines += element("tr", "",
                       element("td", "", link) +
                           element("td", "class=\"n\"",
                                   grouped(static_cast<std::int64_t>(table.rows().size()))) +
                           element("td", "", changed(table, platform.zone()))) +
               "\n";
    });
  }
  if (lines.empty()) lines = "<tr><td colspan=\"3\" class=\"none\">No data sources.</td></tr>\n";
  return page("Data Sources", platform.options(),
              crumbs(platform.options(), "") +
                  "<h1>Data Sources</h1>\n<section class=\"card\"><div class=\"scroll\"><table "
                  "class=\"narrow\"><thead><tr><th>ExternalId</th><th class=\"n\">Rows</th>"
                  "<th>Last changed</th></tr></thead>\n<tbody>\n" +
                  lines + "</tbody></table></div></section>\n");
}

std::string data_source_page(Platform& platform, const std::string& id) {
  std::string html;
  platform.data_sources().with({.external_id = id}, [&](const DataSourceTable& table) {
    Row names;
    for (const Header& header : table.headers()) names.push_back(header.name);
    html =
        page(escaped(id) + " - Data Sources", platform.options(),
             crumbs(platform.options(), " &rsaquo; " + escaped(id)) +
                 element("h1", "", escaped(id)) + "\n<section class=\"card\"><h2>" +
                 how_many(table) + "; last changed: " + changed(table, platform.zone()) +
                 "</h2><div class=\"scroll\"><table id=\"table\"><thead>\n" + cells("th", names) +
                 "</thead>\n<tbody>\n" + rows_of(table) + "</tbody></table></div></section>\n");
  });
  return html;
}

Platform& shown_platform(Companies& companies, const httplib::Request& request) {
  Platform* found = companies.find(request.get_param_value("company"));
  return found != nullptr ? *found : companies.first();
}

void add_data_source_pages(httplib::Server& server, Companies& companies) {
  server.Get("/data-sources/?", [&](const httplib::Request& request, httplib::Response& response) {
    response.set_content(data_sources_page(shown_platform(companies, request)), "text/html");
  });
  server.Get("/data-sources/(.+)",
             [&](const httplib::Request& request, httplib::Response& response) {
               Platform& platform = shown_platform(companies, request);
               std::string html = data_source_page(platform, request.matches[1]);
               response.status = html.empty() ? 404 : 200;
               if (html.empty())
                 html = page("Not found", platform.options(),
                             "<h1>There is no such data source.</h1>\n<p><a href=\"/data-sources" +
                                 asked_for(platform.options()) + "\">All data sources</a></p>\n");
               response.set_content(html, "text/html");
             });
}

}  // namespace weir::mock
