#include "portal_page.h"

#include <httplib.h>

#include <algorithm>

#include "data_source_page.h"
#include "portal_html.h"

namespace weir::mock {
namespace {

std::string bar(std::int64_t used, std::int64_t limit) {
  const std::int64_t percent = limit == 0 ? 100 : std::min<std::int64_t>(100, used * 100 / limit);
  const std::string state = percent >= 100 ? "full" : percent >= 80 ? "high" : "";
  return "<div class=\"bar\" role=\"progressbar\" aria-label=\"API calls used today\" "
         "aria-valuemin=\"0\" aria-valuemax=\"" +
         std::to_string(limit) + "\" aria-valuenow=\"" + std::to_string(used) + "\"><i class=\"" +
         state + "\" style=\"width:" + std::to_string(percent) + "%\"></i></div>";
}

std::string usage_box(const Usage& usage, const Options& options, const OrgZone& zone) {
  const std::string last = usage.log.empty() ? "none yet" : zone.local_time(usage.log.front().time);
  return "<section class=\"card info\" aria-label=\"API usage\">\n<div><div class=\"label\">API "
         "Calls Today</div>"
         "<div class=\"value\"><span id=\"calls-today\">" +
         grouped(usage.calls_today) + "</span> <small>of " + grouped(options.calls_per_day) +
         "</small></div>" + bar(usage.calls_today, options.calls_per_day) +
         "<div class=\"label\">counted for " + usage.counted_day +
         "</div></div>\n<div><div class=\"label\">Last API Call</div><div class=\"value\"><span "
         "id=\"last-call\">" +
         escaped(last) + R"(</span></div><p><a class="button" href="/logs)" + asked_for(options) +
         "\">View Logs</a></p></div>\n</section>\n";
}

std::string fact(const std::string& name, const std::string& value) {
  return element("dt", "", name) + element("dd", "", value);
}

std::string settings_cards(const Usage& usage, const Options& options) {
  return "<section class=\"card\"><h2>API Keys</h2><dl>" +
         fact("Company ID", element("code", "", std::to_string(options.company_id))) +
         fact("API Full Access Key 1",
              "<code>&bull;&bull;&bull;&bull;&bull;&bull;&bull;&bull;&bull;&bull;&bull;&bull;</"
              "code>") +
         fact("API Full Access Key 2", "<span class=\"none\">not set</span>") +
         "</dl></section>\n" + "<section class=\"card\"><h2>Limits</h2><dl>" +
         fact("Time zone", escaped(options.time_zone)) +
         fact("Calls per day", grouped(options.calls_per_day)) +
         fact("Concurrent connections", std::to_string(options.max_connections)) +
         fact("Most connections at once",
              element("span", "id=\"peak\"", std::to_string(usage.peak_connections))) +
         fact("Calls refused", element("span", "id=\"refused\"", grouped(usage.refused))) +
         "</dl></section>\n";
}

std::string status_cell(const LogEntry& entry) {
  if (!entry.status) return element("span", "class=\"bad\"", "connection lost");
  return element("span", *entry.status < 400 ? "class=\"ok\"" : "class=\"bad\"",
                 std::to_string(*entry.status));
}

// The reason is what was refused, or which fault was played: most days have none.
std::string log_row(const LogEntry& entry, const OrgZone& zone, bool with_reason) {
  return "<tr>" + element("td", "", status_cell(entry)) +
         element("td", "", escaped(zone.local_time(entry.time))) +
         element("td", "class=\"wide\"", escaped(entry.method)) +
         element("td", "", escaped(entry.target)) +
         element("td", "class=\"n\"", grouped(entry.rows)) +
         element("td", "class=\"wide\"", entry.charged ? "yes" : "no") +
         (with_reason ? element("td", "", escaped(entry.reason)) : "") + "</tr>\n";
}

}  // namespace

std::string integrations_page(const Usage& usage, const Options& options, const OrgZone& zone) {
  return page(
      "Integrations - Organization Setup", options,
      "<nav class=\"crumbs\" aria-label=\"Breadcrumb\">Organization &amp; Users &rsaquo; "
      "Organization Setup</nav>\n"
      "<h1>Organization Setup</h1>\n<div class=\"tabs\"><span>General</span><span>Branding</span>"
      "<span>Security</span><span class=\"here\" "
      "aria-current=\"page\">Integrations</span></div>\n" +
          usage_box(usage, options, zone) + settings_cards(usage, options));
}

std::string logs_page(const Usage& usage, const Options& options, const OrgZone& zone) {
  const bool with_reason = std::any_of(usage.log.begin(), usage.log.end(),
                                       [](const LogEntry& entry) { return !entry.reason.empty(); });
  std::string rows;
  for (const LogEntry& entry : usage.log) rows += log_row(entry, zone, with_reason);
  if (rows.empty()) rows = "<tr><td colspan=\"6\" class=\"none\">No calls yet.</td></tr>\n";
  return page(
      "API Logs - Organization Setup", options,
      "<nav class=\"crumbs\" aria-label=\"Breadcrumb\">Organization &amp; Users &rsaquo; "
      "<a href=\"/" +
          asked_for(options) +
          "\">Organization Setup</a> &rsaquo; API Logs</nav>\n<h1>API Logs</h1>\n"
          "<section class=\"card\"><h2>The last " +
          std::to_string(usage.log.size()) +
          " calls, newest first</h2><div class=\"scroll\"><table id=\"log\" class=\"narrow\">"
          "<thead><tr><th>Status</th><th>Time</th><th class=\"wide\">Method</th><th>Target</th>"
          "<th class=\"n\">Rows</th><th class=\"wide\">Charged</th>" +
          (with_reason ? "<th>Reason</th>" : "") + "</tr></thead>\n<tbody>\n" + rows +
          "</tbody></table></div></section>\n");
}

void add_portal_routes(httplib::Server& server, Companies& companies) {
  server.Get("/", [&](const httplib::Request& request, httplib::Response& response) {
    Platform& platform = shown_platform(companies, request);
    response.set_content(
        integrations_page(platform.meter().usage(), platform.options(), platform.zone()),
        "text/html");
  });
  server.Get("/logs", [&](const httplib::Request& request, httplib::Response& response) {
    Platform& platform = shown_platform(companies, request);
    response.set_content(logs_page(platform.meter().usage(), platform.options(), platform.zone()),
                         "text/html");
  });
  add_data_source_pages(server, companies);
}

}  // namespace weir::mock
