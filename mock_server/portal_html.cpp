#include "portal_html.h"

#include <array>
#include <cstdio>

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
  header b { font-size: 17px; } header span { color: #b9cbe0; flex: 1; } header a { color: #fff; }
  main { max-width: 1080px; margin: 0 auto; padding: 24px; }
  nav.crumbs { color: var(--soft); font-size: 13px; } nav.crumbs a { color: var(--soft); }
  h1 { font-size: 24px; margin: 6px 0 18px; font-weight: 600; }
  h2 { font-size: 16px; margin: 0 0 12px; }
  .tabs { display: flex; flex-wrap: wrap; gap: 0 22px; border-bottom: 1px solid var(--line); margin-bottom: 20px; }
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
  @media (max-width: 640px) { .info { grid-template-columns: 1fr; } dl { grid-template-columns: 1fr; } main { padding: 12px; }
          .card { padding: 12px; } th, td { padding: 6px 5px; }
          table.narrow { font-size: 13px; } table.narrow td { white-space: normal; overflow-wrap: anywhere; }
          table.narrow .wide { display: none; } }
)";

}  // namespace

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
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text += ',';
    text += digits[at];
  }
  return text;
}

std::string element(const std::string& name, const std::string& attributes,
                    const std::string& content) {
  return "<" + name + (attributes.empty() ? "" : " " + attributes) + ">" + content + "</" + name +
         ">";
}

std::string asked_for(const Options& options) {
  return options.company_ids.empty() ? "" : "?company=" + std::to_string(options.company_id);
}

std::string page(const std::string& title, const Options& options, const std::string& content) {
  std::string companies = "company " + std::to_string(options.company_id);
  for (const std::int64_t id : options.company_ids) {
    if (id == options.company_id) continue;
    companies += " &middot; " +
                 element("a", "href=\"/?company=" + std::to_string(id) + "\"", std::to_string(id));
  }
  const auto link = [&](const std::string& path, const char* text) {
    return element("a", "href=\"" + path + asked_for(options) + "\"", text);
  };
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"refresh\" content=\"5\">\n<link rel=\"icon\" href=\"data:,\">\n" +
         element("title", "", title) + "\n" + element("style", "", kStyle) + "\n</head>\n<body>\n" +
         "<header><b>Mobile Forms</b><span>mock server &middot; " + companies + "</span>" +
         link("/", "Integrations") + link("/logs", "API Logs") +
         link("/data-sources", "Data Sources") + "</header>\n<main>\n" + content +
         "</main>\n</body>\n</html>\n";
}

std::string path_segment(const std::string& text) {
  std::string path;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
    std::array<char, 4> code = {c};
    if (!is_plain) std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned>(byte));
    path += code.data();
  }
  return path;
}

}  // namespace weir::mock
