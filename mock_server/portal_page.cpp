#include "portal_page.h"

#include <httplib.h>

#include <algorithm>

namespace weir::mock {
namespace {

constexpr const char* kStyle = R"(
  :root { --ink: #1d2733; --soft: #5b6876; --line: #dfe5eb; --paper: #ffffff; --ground: #f3f5f8; --blue: #1f6feb;
          --good: #1a7f4b; --warn: #b35900; --bad: #c02b2b; }
  * { box-sizing: border-box; }
  body { margin: 0; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
         color: var(--ink); background: var(--ground); }
  header { background: #14314f; color: #fff; padding: 12px 24px; display: flex; gap: 12px; align-items: baseline;
           flex-wrap: wrap; }
  header b { font-size: 17px; } header span { color: #b9cbe0; }
  main { max-width: 1080px; margin: 0 auto; padding: 24px; }
  nav.crumbs { color: var(--soft); font-size: 13px; } nav.crumbs a { color: var(--soft); }
  h1 { font-size: 24px; margin: 6px 0 18px; font-weight: 600; }
  h2 { font-size: 16px; margin: 0 0 12px; }
  .tabs { display: flex; gap: 22px; border-bottom: 1px solid var(--line); margin-bottom: 20px; overflow-x: auto; }
  .tabs span { padding: 8px 0; color: var(--soft); white-space: nowrap; }
  .tabs .here { color: var(--blue); border-bottom: 3px solid var(--blue); font-weight: 600; }
  .card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 20px; margin-bottom: 18px; }
  .info { border-left: 4px solid var(--blue); display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }
  .label { color: var(--soft); font-size: 13px; } .value { font-size: 26px; font-weight: 600; }
  .value small { font-size: 15px; color: var(--soft); font-weight: 400; }
  .bar { height: 8px; background: #e6ebf1; border-radius: 4px; overflow: hidden; margin-top: 6px; }
  .bar i { display: block; height: 100%; background: var(--good); } .bar i.high { background: var(--warn); }
  .bar i.full { background: var(--bad); }
  dl { display: grid; grid-template-columns: 220px 1fr; gap: 8px 16px; margin: 0; } dt { color: var(--soft); } dd { margin: 0; }
  code { background: #eef2f6; border-radius: 4px; padding: 1px 6px; font-size: 13px; }
  a { color: var(--blue); } .button { display: inline-block; border: 1px solid var(--blue); border-radius: 6px;
      padding: 6px 14px; text-decoration: none; font-weight: 600; }
  .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; }
  th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); padding: 8px 10px; }
  td { border-bottom: 1px solid var(--line); padding: 7px 10px; white-space: nowrap; } td.n, th.n { text-align: right; }
  .ok { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .none { color: var(--soft); }
  @media (max-width: 640px) { .info { grid-template-columns: 1fr; } dl { grid-template-columns: 1fr; } main { padding: 16px; } }
)";

std::string escaped(const std::string& text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

// 11372 as 11,372
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3 && at <= text.size(); at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string element(const std::string& name, const std::string& attributes,
                    const std::string& content) {
  return "<" + name + (attributes.empty() ? "" : " " + attributes) + ">" + content + "</" + name +
         ">";
}

std::string page(const std::string& title, const std::string& company, const std::string& content) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"refresh\" content=\"5\">\n<link rel=\"icon\" href=\"data:,\">\n" +
         element("title", "", title) + "\n" + element("style", "", kStyle) + "\n</head>\n<body>\n" +
         "<header><b>Mobile Forms</b><span>mock server &middot; company " + company +
         "</span></header>\n<main>\n" + content + "</main>\n</body>\n</html>\n";
}

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
         escaped(last) +
         "</span></div><p><a class=\"button\" href=\"/logs\">View Logs</a></p></div>\n</section>\n";
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

std::string log_row(const LogEntry& entry, const OrgZone& zone) {
  return "<tr>" + element("td", "", escaped(zone.local_time(entry.time))) +
         element("td", "", escaped(entry.method)) + element("td", "", escaped(entry.target)) +
         element("td", "class=\"n\"", grouped(entry.rows)) + element("td", "", status_cell(entry)) +
         element("td", "", escaped(entry.reason)) +
         element("td", "", entry.charged ? "yes" : "no") + "</tr>\n";
}

}  // namespace

std::string integrations_page(const Usage& usage, const Options& options, const OrgZone& zone) {
  return page(
      "Integrations - Organization Setup", std::to_string(options.company_id),
      "<nav class=\"crumbs\" aria-label=\"Breadcrumb\">Organization &amp; Users &rsaquo; "
      "Organization Setup</nav>\n"
      "<h1>Organization Setup</h1>\n<div class=\"tabs\"><span>General</span><span>Branding</span>"
      "<span>Security</span><span class=\"here\" "
      "aria-current=\"page\">Integrations</span></div>\n" +
          usage_box(usage, options, zone) + settings_cards(usage, options));
}

std::string logs_page(const Usage& usage, const Options& options, const OrgZone& zone) {
  std::string rows;
  for (const LogEntry& entry : usage.log) rows += log_row(entry, zone);
  if (rows.empty()) rows = "<tr><td colspan=\"7\" class=\"none\">No calls yet.</td></tr>\n";
  return page("API Logs - Organization Setup", std::to_string(options.company_id),
              "<nav class=\"crumbs\" aria-label=\"Breadcrumb\">Organization &amp; Users &rsaquo; "
              "<a href=\"/\">Organization Setup</a> &rsaquo; API Logs</nav>\n<h1>API Logs</h1>\n"
              "<section class=\"card\"><h2>The last " +
                  std::to_string(usage.log.size()) +
                  " calls, newest first</h2>"
                  "<div class=\"scroll\"><table "
                  "id=\"log\"><thead><tr><th>Time</th><th>Method</th><th>Target</th>"
                  "<th "
                  "class=\"n\">Rows</th><th>Status</th><th>Reason</th><th>Charged</th></tr></"
                  "thead>\n<tbody>\n" +
                  rows + "</tbody></table></div></section>\n");
}

void add_portal_routes(httplib::Server& server, Platform& platform) {
  server.Get("/", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(
        integrations_page(platform.meter().usage(), platform.options(), platform.zone()),
        "text/html");
  });
  server.Get("/logs", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(logs_page(platform.meter().usage(), platform.options(), platform.zone()),
                         "text/html");
  });
}

}  // namespace weir::mock
