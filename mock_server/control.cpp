#include "control.h"

#include <httplib.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "form_wire.h"

namespace weir::mock {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::json;
using nlohmann::ordered_json;

// What is wrong with a control request, as its sender is told.
class BadControl : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// 500 years: no test needs more, and the arithmetic stays far from its ends.
constexpr double kMostSeconds = 500.0 * 366 * 86400;

json body_of(const Request& request) {
  json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) throw BadControl("the body must be a JSON object");
  return body;
}

double number(const json& body, const char* name, double least, double most) {
  const json& value = body.at(name);
  if (!value.is_number()) throw BadControl(std::string(name) + " must be a number");
  const double result = value.get<double>();
  if (!std::isfinite(result) || result < least || result > most) {
    throw BadControl(std::string(name) + " is out of range");
  }
  return result;
}

std::string text(const json& body, const char* name) {
  if (!body.at(name).is_string()) throw BadControl(std::string(name) + " must be text");
  return body.at(name).get<std::string>();
}

ordered_json entry_json(const LogEntry& entry) {
  return {{"time", format_instant(entry.time)},
          {"method", entry.method},
          {"target", entry.target},
          {"rows", entry.rows},
          {"status", entry.status ? ordered_json(*entry.status) : ordered_json()},
          {"reason", entry.reason},
          {"charged", entry.charged}};
}

ordered_json usage_json(const Usage& usage) {
  ordered_json log = ordered_json::array();
  for (const LogEntry& entry : usage.log) log.push_back(entry_json(entry));
  return {{"calls_today", usage.calls_today},
          {"refused", usage.refused},
          {"peak_connections", usage.peak_connections},
          {"org_day", usage.org_day},
          {"log", std::move(log)}};
}

// Everything is checked before anything is set.
ordered_json set_clock(VirtualClock& clock, const json& body) {
  std::optional<Instant> now;
  if (body.contains("now")) {
    now = parse_instant(text(body, "now"));
    if (!now) throw BadControl("now must be an ISO 8601 time such as 2026-11-24T08:00:00Z");
  }
  const double advance = body.contains("advance_seconds")
                             ? number(body, "advance_seconds", -kMostSeconds, kMostSeconds)
                             : 0;
  std::optional<double> rate;
  if (body.contains("rate")) rate = number(body, "rate", 0, 1e6);
  if (!now && !rate && !body.contains("advance_seconds"))
    throw BadControl("give now, advance_seconds or rate");
  // The rate comes first, so that a clock that is to stand still does not move between the two.
  if (rate) clock.set_rate(*rate);
  if (now) clock.set(*now);
  if (advance != 0) clock.advance(std::chrono::microseconds(std::llround(advance * 1e6)));
  return {{"now", format_instant(clock.now())}, {"rate", clock.rate()}};
}

Fault fault_of(const json& body, bool keeps_state) {
  Fault fault;
  if (!body.contains("kind")) throw BadControl("kind is required");
  const std::string name = text(body, "kind");
  const auto kind = fault_kind(name);
  if (!kind)
    throw BadControl(
        "kind must be status, reset_before, reset_after, crash, kill, delay, truncate or lock");
  if (*kind == FaultKind::kKill && !keeps_state)
    throw BadControl("kill needs a server started with --state, else what it applied is lost");
  fault.kind = *kind;
  if (body.contains("count")) fault.count = static_cast<int>(number(body, "count", 1, 1e6));
  if (body.contains("status")) fault.status = static_cast<int>(number(body, "status", 400, 599));
  if (body.contains("seconds")) fault.seconds = number(body, "seconds", 0, 3600);
  if (body.contains("source") && !body.at("source").is_null()) fault.source = text(body, "source");
  if (body.contains("method")) {
    fault.method = text(body, "method");
    for (const char* known : {"GET", "PUT", "POST", "PATCH", "DELETE"}) {
      if (fault.method == known) return fault;
    }
    throw BadControl("method must be GET, PUT, POST, PATCH or DELETE");
  }
  return fault;
}

bool flag(const json& body, const char* name, bool otherwise) {
  if (!body.contains(name)) return otherwise;
  if (!body.at(name).is_boolean()) throw BadControl(std::string(name) + " must be true or false");
  return body.at(name).get<bool>();
}

ordered_json add_file(Platform& platform, const json& body) {
  for (const char* required : {"entry", "name"}) {
    if (!body.contains(required)) throw BadControl("give entry, name, and content or size");
  }
  if (body.contains("content") == body.contains("size"))
    throw BadControl("give either content or size");
  EntryFile file{.ranges = flag(body, "ranges", true),
                 .validators = flag(body, "validators", true)};
  if (body.contains("content")) file.content = text(body, "content");
  if (body.contains("size"))
    file.generated_size = static_cast<std::int64_t>(number(body, "size", 1, 1e12));
  if (body.contains("seed")) file.seed = static_cast<std::uint64_t>(number(body, "seed", 0, 1e15));
  platform.files().add(text(body, "entry"), text(body, "name"), std::move(file),
                       platform.clock().now());
  return ordered_json::object();
}

ordered_json rows_json(const DataSourceTable& table) {
  ordered_json headers = ordered_json::array();
  for (const Header& header : table.headers())
    headers.push_back({{"Name", header.name}, {"DisplayAt", header.display_at}});
  return {{"Headers", std::move(headers)},
          {"Rows", table.rows()},
          {"LastUpdated", format_instant(table.last_updated())}};
}

ordered_json connector_json(const ConnectorState& state) {
  return {{"url", state.url},         {"delivered", state.delivered},
          {"failed", state.failed},   {"given_up", state.given_up},
          {"waiting", state.waiting}, {"last_status", state.last_status}};
}

ordered_json set_connector(FormConnector& connector, const json& body) {
  if (!body.contains("url")) throw BadControl("url is required; empty turns deliveries off");
  if (!connector.set_url(text(body, "url")))
    throw BadControl("url must be http://127.0.0.1:PORT/PATH");
  return connector_json(connector.state());
}

// Without its port; empty: it is no host with a port.
std::string host_of(const std::string& authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string::npos || authority.find(']', colon) != std::string::npos)
    return authority;
  const bool is_port = authority.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return is_port ? authority.substr(0, colon) : "";
}

// A web page of elsewhere can make a browser of this host ask, but it can choose neither the Host,
// not even by a name of its own for 127.0.0.1, nor the Origin.
bool is_asked_here(const Request& request) {
  if (request.get_header_value_count("Host") != 1 || request.get_header_value_count("Origin") > 1)
    return false;
  const std::string authority = request.get_header_value("Host");
  const std::string host = host_of(authority);
  const bool is_loopback = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
  const std::string origin = request.get_header_value("Origin");
  return is_loopback && (origin.empty() || origin == "http://" + authority);
}

using Work = std::function<ordered_json(const Request&)>;

httplib::Server::Handler control(Work work) {
  return [work = std::move(work)](const Request& request, Response& response) {
    response.status = 200;
    ordered_json answer;
    if (!request.remote_addr.starts_with("127.") || !is_asked_here(request)) {
      response.status = 403;
      answer = {{"error", "control is for this host only, by its loopback address"}};
    } else {
      try {
        answer = work(request);
      } catch (const BadControl& problem) {
        response.status = 400;
        answer = {{"error", problem.what()}};
      } catch (const BadFormEntry& problem) {
        response.status = 400;
        answer = {{"error", problem.what()}};
      } catch (const std::out_of_range& problem) {
        response.status = 404;
        answer = {{"error", problem.what()}};
      }
    }
    response.set_content(answer.dump(-1, ' ', false, json::error_handler_t::replace),
                         "application/json");
  };
}

}  // namespace

void add_control_routes(httplib::Server& server, Companies& companies) {
  const auto asked = [&](const Request& request) -> Platform& {
    if (!request.has_param("company")) return companies.first();
    const std::string company = request.get_param_value("company");
    Platform* found = companies.find(company);
    if (found == nullptr) throw std::out_of_range("there is no company " + company);
    return *found;
  };
  server.Get("/_mock/usage", control([asked](const Request& request) {
               return usage_json(asked(request).meter().usage());
             }));
  server.Post("/_mock/clock", control([asked](const Request& request) {
                return set_clock(asked(request).clock(), body_of(request));
              }));
  server.Get("/_mock/data-sources/(.+)", control([asked](const Request& request) {
               ordered_json answer;
               const std::string id = request.matches[1];
               const bool found = asked(request).data_sources().with(
                   {.external_id = id}, [&](DataSourceTable& table) { answer = rows_json(table); });
               if (!found) throw std::out_of_range("there is no data source " + id);
               return answer;
             }));
  server.Post("/_mock/files", control([asked](const Request& request) {
                return add_file(asked(request), body_of(request));
              }));
  server.Post(
      "/_mock/faults", control([asked](const Request& request) {
        Platform& platform = asked(request);
        platform.faults().add(fault_of(body_of(request), !platform.options().state_file.empty()));
        return ordered_json::object();
      }));
  server.Delete("/_mock/faults", control([asked](const Request& request) {
                  asked(request).faults().clear();
                  return ordered_json::object();
                }));
  server.Post("/_mock/form-entries", control([asked](const Request& request) {
                Platform& platform = asked(request);
                return ordered_json{{"ids", platform.receive(read_form_entries(
                                                request.body, platform.clock().now()))}};
              }));
  server.Get("/_mock/form-connector", control([asked](const Request& request) {
               return connector_json(asked(request).form_connector().state());
             }));
  server.Post("/_mock/form-connector", control([asked](const Request& request) {
                return set_connector(asked(request).form_connector(), body_of(request));
              }));
}

}  // namespace weir::mock
