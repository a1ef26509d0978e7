#include "daemon/check/reach_check.h"

#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "daemon/sources/query_origin.h"
#include "http/curl_transport.h"
#include "input/row_sources.h"
#include "store/store.h"

namespace weir::daemon {
namespace {

constexpr std::chrono::seconds kLongest{10};

// Where is it, without what it serves.
std::string host_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

// Why it cannot be opened. Nothing of it is changed.
std::optional<Error> objection_to_store(const ClientOptions& client) {
  const Result<store::Store> opened = store::open_store(
      {.location = client.store, .company_id = client.company_id, .use = store::StoreUse::kCheck});
  if (!opened) return opened.error();
  ClientOptions options = client;
  options.makes_calls = false;
  options.is_trial = true;
  const Result<Client> tried = Client::open(std::move(options));
  // Tables that are not there yet, or are older, are made at the start.
  if (tried || tried.error().code == ErrorCode::kStoreUnusable) return std::nullopt;
  return tried.error();
}

class ReachCheck {
 public:
  explicit ReachCheck(std::stop_token stop) : stop_(std::move(stop)) {}

  void look_at(const OrgConfig& org) {
    if (!org.client.url.empty())
      host(org.place, "the platform", org.client.url, org.client.ca_file);
    if (org.client.store.find("://") != std::string::npos) store(org);
    for (const SourceConfig& source : org.sources) {
      const std::string name = "data source " + source.id;
      if (!source.origin) continue;
      if (const auto* query = std::get_if<QueryOrigin>(&*source.origin))
        database(source.place, name, full_address(query->database));
      if (const auto* document = std::get_if<HttpOrigin>(&*source.origin))
        host(source.place, name, document->url, document->ca_file);
    }
    for (const PollConfig& poll : org.polls) {
      const std::string name = "poll " + poll.name;
      if (const auto* insert = std::get_if<InsertHandler>(&poll.handler))
        database(poll.place, name, full_address(insert->database));
      if (const auto* webhook = std::get_if<WebhookHandler>(&poll.handler))
        host(poll.place, name, webhook->url, webhook->ca_file);
    }
  }

  void host(const Place& place, const std::string& who, const std::string& url,
            const std::string& ca_file) {
    const std::string host = host_of(url);
    note(place, who, host + "\n" + ca_file, [&] {
      return http::shake_hands({.base_url = host, .connect_timeout = kLongest, .ca_file = ca_file});
    });
  }

  std::vector<Finding> findings() && { return std::move(findings_); }

 private:
  // What is not as it must be is a fault, with which weir run does not start. A server that is away
  // may be back by then.
  void store(const OrgConfig& org) {
    if (stop_.stop_requested()) return;
    const std::optional<Error> error = objection_to_store(org.client);
    if (!error) return;
    const bool may_pass =
        error->code == ErrorCode::kStoreUnreachable || error->code == ErrorCode::kStoreBusy;
    findings_.push_back(
        may_pass ? warning_at(org.store_place, "weir run would not start now: " + error->message)
                 : fault_at(org.store_place, "weir run would not start: " + error->message));
  }

  // Whatever it holds: what is asked reads no table.
  void database(const Place& place, const std::string& who, const std::string& address) {
    note(place, who, address, [&] {
      return cli::read_query(
          address, "SELECT 1 AS one, 2 AS two", {.longest_query = kLongest, .stop = stop_},
          [](const std::vector<std::string>&) -> Result<void> { return {}; },
          [](const Row&) -> Result<void> { return {}; });
    });
  }

  template <class Try>
  void note(const Place& place, const std::string& who, const std::string& what,
            const Try& try_it) {
    if (stop_.stop_requested()) return;
    const auto [known, is_new] = tried_.emplace(what, std::string());
    if (is_new) {
      const Result<void> reached = try_it();
      if (!reached) known->second = reached.error().message;
    }
    if (known->second.empty()) return;
    findings_.push_back(warning_at(place, who + " cannot be reached now: " + known->second));
  }

  const std::stop_token stop_;
  std::map<std::string, std::string> tried_;  // and why not
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_reach(const DaemonConfig& config, const std::stop_token& stop) {
  ReachCheck check(stop);
  for (const OrgConfig& org : config.orgs) check.look_at(org);
  if (!config.notify.webhook.empty())
    check.host(config.notify.place, "the webhook of [notify]", config.notify.webhook, "");
  return std::move(check).findings();
}

}  // namespace weir::daemon
