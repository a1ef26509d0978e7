#include "daemon/config/org_reader.h"

#include <weir/client.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/config/source_reader.h"
#include "daemon/config/table_reader.h"
#include "settings.h"

namespace weir::daemon {
namespace {

class OrgReader {
 public:
  OrgReader(const cli::SettingsTree& tree, const std::string& name, const toml::table& table,
            std::vector<Finding>& findings)
      : tree_(tree),
        table_(table),
        findings_(findings),
        prefix_(name.empty() ? "" : "org." + name + "."),
        reader_(table, name.empty() ? "" : "[org." + name + "]", tree.file, findings) {
    org_.name = name;
    org_.place = reader_.where();
    // As findings name it; another line would be mended for nothing.
    org_.store_place =
        is_in_environment("store") ? Place{.file = "WEIR_STORE"} : reader_.where("store");
  }

  OrgConfig read() && {
    read_client();
    read_sync();
    read_sources();
    read_polls();
    check_sync();
    if (const toml::table* sync = reader_.table("sync"))
      org_.sync->is_sound =
          TableReader(*sync, place("sync"), tree_.file, findings_).is_wholly_sound();
    org_.fingerprint = reader_.fingerprint({"source", "poll", "sync"}) + secrets_ + pacing_;
    return std::move(org_);
  }

 private:
  std::string place(const std::string& rest) const { return "[" + prefix_ + rest + "]"; }

  // What is wrong with them has been told already.
  bool are_keys_sound() {
    bool is_sound = true;
    for (const auto& [key, node] : table_) is_sound = is_sound && reader_.is_sound(key.str());
    const toml::table* sources = reader_.table("source");
    if (sources == nullptr) return is_sound;
    for (const auto& [id, node] : *sources) {
      if (!node.is_table()) continue;
      const TableReader source(*node.as_table(), "", tree_.file, findings_);
      for (const char* name : {"weight", "deadline", "shortest"})
        is_sound = is_sound && source.is_sound(name);
    }
    return is_sound;
  }

  // Whatever is wrong with one setting, the others are looked at as well.
  void read_client() {
    const bool names_key = reader_.has("integration_key_file") && !reader_.has("integration_key") &&
                           !is_in_environment("integration_key");
    check_texts();
    const bool are_sound = are_keys_sound();
    Secret key = names_key ? reader_.secret("integration_key_file") : Secret();
    const bool is_complete = !names_key || !tell_missing();
    if (!are_sound) return static_cast<void>(check_each(key));
    // The key is read once: a program that prints it may do so once only.
    Result<cli::Settings> settings =
        cli::read_settings(tree_, table_, {}, names_key ? cli::Needs::kStore : cli::Needs::kCalls);
    if (!settings) {
      reader_.fault(settings.error().message);
      return static_cast<void>(check_each(key));
    }
    places_ = settings->places;
    org_.client = std::move(settings->client);
    org_.client.makes_calls = true;
    if (names_key) org_.client.integration_key = key.empty() ? any_key() : std::move(key);
    const Result<void> usable = Client::check(org_.client);
    if (!usable && !check_each(org_.client.integration_key) && is_complete)
      reader_.fault(blamed(usable.error()));
    secrets_ = digest_of(org_.client.integration_key.reveal());
    // It belongs to the client.
    for (const auto& [id, source] : org_.client.sources)
      pacing_ += digest_of(id + " " + std::to_string(source.weight) + " " +
                           std::to_string(source.deadline.count()) + " " +
                           std::to_string(source.shortest.count()));
  }

  // Those that mean nothing when they are empty, or beside each other.
  void check_texts() {
    for (const char* name :
         {"url", "time_zone", "store", "integration_key_file", "integration_key", "ca_file"}) {
      if (reader_.has(name) && reader_.text(name).empty() && !is_in_environment(name))
        reader_.fault(name, "must not be empty");
    }
    if (reader_.has("integration_key") && reader_.has("integration_key_file"))
      reader_.fault("integration_key",
                    "and integration_key_file exclude each other; the file is better");
    constexpr std::int64_t kOfThePlatform = 3;
    if (reader_.number("max_connections", 0) > kOfThePlatform)
      reader_.warn("max_connections", "is more than the " + std::to_string(kOfThePlatform) +
                                          " that the platform allows; it refuses the others");
  }

  // What the environment sets is not mended in the file, so the variable is named.
  std::string blamed(const Error& error) const {
    const Error placed = cli::with_place({.client = org_.client, .places = places_}, error);
    return placed.message.starts_with("WEIR_") ? placed.message
                                               : "cannot be used: " + error.message;
  }

  static Secret any_key() { return Secret::from_string("any", "no file"); }

  // Of one organization; of several the environment is nobody's.
  bool is_in_environment(std::string name) const {
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const char* value = std::getenv(("WEIR_" + name).c_str());
    return !tree_.has_several() && value != nullptr && *value != '\0';
  }

  bool tell_missing() {
    bool is_told = false;
    for (const char* name : {"url", "company_id"}) {
      if (reader_.has(name) || is_in_environment(name)) continue;
      reader_.fault("has no " + std::string(name) + ": write it into weir.toml");
      is_told = true;
    }
    return is_told;
  }

  // Each setting in options that are right otherwise, so that each is blamed for itself. False:
  // nothing is wrong with any of them.
  bool check_each(const Secret& key) {
    bool is_told = false;
    const auto check = [&](const std::string& name, auto&& set) {
      if (!reader_.has(name) || !reader_.is_sound(name) || is_in_environment(name)) return;
      ClientOptions options{.url = "https://h.example",
                            .company_id = 1,
                            .integration_key = any_key(),
                            .time_zone = "UTC",
                            .store = "weir.db"};
      set(options);
      const Result<void> usable = Client::check(std::move(options));
      if (usable) return;
      // Some of the messages begin with these words themselves.
      const std::string own = "the " + name + " cannot be used: ";
      const std::string& message = usable.error().message;
      reader_.fault(name, "cannot be used: " +
                              (message.starts_with(own) ? message.substr(own.size()) : message));
      is_told = true;
    };
    const auto number = [&](const char* name, std::int64_t otherwise) {
      return reader_.is_sound(name) ? reader_.number(name, otherwise) : otherwise;
    };
    check("url", [&](ClientOptions& options) { options.url = reader_.text("url"); });
    check("time_zone",
          [&](ClientOptions& options) { options.time_zone = reader_.text("time_zone"); });
    check("company_id",
          [&](ClientOptions& options) { options.company_id = number("company_id", 1); });
    check("ca_file", [&](ClientOptions& options) { options.ca_file = reader_.path("ca_file"); });
    for (const char* name : {"integration_key_file", "integration_key"})
      check(name, [&](ClientOptions& options) {
        if (!key.empty()) options.integration_key = key;
      });
    check("max_connections", [&](ClientOptions& options) {
      options.max_connections = static_cast<int>(number("max_connections", 1));
    });
    const std::int64_t calls = ClientOptions{}.calls_per_day;
    check("calls_per_day",
          [&](ClientOptions& options) { options.calls_per_day = number("calls_per_day", calls); });
    check("interactive_reserve", [&](ClientOptions& options) {
      options.calls_per_day = number("calls_per_day", calls);
      options.interactive_reserve = number("interactive_reserve", 0);
    });
    // Both together, unless the one alone is too much.
    check("outside_reserve", [&](ClientOptions& options) {
      options.calls_per_day = number("calls_per_day", calls);
      options.interactive_reserve = number("interactive_reserve", 0);
      options.outside_reserve = number("outside_reserve", 0);
    });
    return is_told;
  }

  const toml::table* rule_of(std::string_view id) const {
    return table_["sync"]["source"][id].as_table();
  }

  void read_sources() {
    std::set<std::string> ids;
    if (const toml::table* sources = reader_.table("source")) {
      for (const auto& [key, node] : *sources) {
        const toml::table* table = node.as_table();
        if (table == nullptr) continue;
        const std::string id(key.str());
        ids.insert(id);
        TableReader reader(*table, place("source." + id), tree_.file, findings_);
        org_.sources.push_back(
            read_source(id, std::move(reader), rule_of(id), org_.client.ca_file, findings_));
      }
    }
    const toml::table* rules = table_["sync"]["source"].as_table();
    if (rules == nullptr) return;
    for (const auto& [key, node] : *rules) {
      if (ids.contains(std::string(key.str())) || !node.is_table()) continue;
      TableReader(*node.as_table(), place("sync.source." + std::string(key.str())), tree_.file,
                  findings_)
          .fault("is for no data source: there is no " + place("source." + std::string(key.str())));
    }
  }

  void read_polls() {
    const toml::table* polls = reader_.table("poll");
    if (polls == nullptr) return;
    std::set<std::string> polled;
    for (const auto& [key, node] : *polls) {
      const toml::table* table = node.as_table();
      if (table == nullptr) continue;
      const std::string name(key.str());
      TableReader reader(*table, place("poll." + name), tree_.file, findings_);
      PollConfig poll = read_poll(name, reader, org_.client.ca_file);
      const std::string subject = poll.form.empty() ? "source " + poll.source : "form " + poll.form;
      const bool names_one = poll.form.empty() != poll.source.empty();
      if (names_one && !polled.insert(subject).second)
        reader.fault("is a second poll of the " + subject + "; one poll hands over all its news");
      check_connector(poll, reader);
      org_.polls.push_back(std::move(poll));
    }
    check_longest(*polls);
  }

  // What longest asks for comes before all else that the day's calls are for.
  void check_longest(const toml::table& polls) {
    double calls = 0;
    for (const PollConfig& poll : org_.polls) calls += looks_a_day(poll);
    const std::int64_t all = reader_.is_sound("calls_per_day")
                                 ? reader_.number("calls_per_day", ClientOptions{}.calls_per_day)
                                 : ClientOptions{}.calls_per_day;
    if (calls <= static_cast<double>(all)) return;
    const auto most = std::max_element(
        org_.polls.begin(), org_.polls.end(),
        [](const auto& one, const auto& other) { return looks_a_day(one) < looks_a_day(other); });
    TableReader(*polls[most->name].as_table(), place("poll." + most->name), tree_.file, findings_)
        .warn("longest", "asks for too many looks: longest of the polls takes " +
                             std::to_string(static_cast<std::int64_t>(std::ceil(calls))) +
                             " calls a day of " + std::to_string(all) +
                             ", so no data source is sent; make it longer");
  }

  static double looks_a_day(const PollConfig& poll) {
    const auto longest = static_cast<double>(poll.pace.longest.count());
    return longest > 0 ? 86'400'000.0 / longest : 0;
  }

  void check_connector(const PollConfig& poll, TableReader& reader) const {
    if (!poll.connector) return;
    if (tree_.root["daemon"]["receive"].value_or(std::string()).empty())
      reader.fault("connector", "needs receive in [daemon], the address that deliveries come to");
    const bool is_plain = poll.name != "." && poll.name != ".." &&
                          poll.name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-.~") == std::string::npos;
    if (!is_plain)
      reader.fault("connector",
                   "needs a poll whose name has letters, digits, -, _, . and ~ only, and is "
                   "neither . nor .., since it is a part of the address");
  }

  void read_sync() {
    const toml::table* table = reader_.table("sync");
    if (table == nullptr) return;
    TableReader sync(*table, place("sync"), tree_.file, findings_);
    org_.sync = SyncConfig{.listen = sync.text("listen", SyncConfig{}.listen),
                           .retention = sync.duration("retention", SyncConfig{}.retention),
                           .cache_bytes = sync.size("cache", SyncConfig{}.cache_bytes),
                           .place = sync.where()};
    const auto address = listen_address(org_.sync->listen);
    if (!address || !address->socket.empty())
      sync.fault("listen", R"(must be a host and a port, such as "127.0.0.1:8088")");
    if (org_.sync->retention < std::chrono::hours{1})
      sync.fault("retention", "must be at least \"1h\"");
    for (const std::string& file : sync.texts("private_token_file"))
      org_.sync->private_tokens.push_back(sync.secret_named("private_token_file", file));
    if (org_.sync->private_tokens.empty())
      sync.fault("private_token_file",
                 "must name the file with the Private Token that the portal shows");
    org_.sync->fingerprint = sync.fingerprint({"source"});
  }

  void check_sync() {
    bool serves = false;
    for (const SourceConfig& source : org_.sources) {
      if (source.deliver == Deliver::kPush) continue;
      serves = true;
      if (org_.sync) continue;
      TableReader(*table_["source"][source.id].as_table(), place("source." + source.id), tree_.file,
                  findings_)
          .fault("deliver", "needs " + place("sync") + ", which says where Platform Sync listens");
    }
    if (!org_.sync || serves) return;
    TableReader(*reader_.table("sync"), place("sync"), tree_.file, findings_)
        .fault(R"(serves nothing: no data source says deliver = "sync" or "both")");
  }

  const cli::SettingsTree& tree_;
  const toml::table& table_;
  std::vector<Finding>& findings_;
  const std::string prefix_;
  TableReader reader_;
  OrgConfig org_ = {};
  std::string secrets_ = {};
  std::map<std::string, std::string, std::less<>> places_ = {};
  std::string pacing_ = {};
};

}  // namespace

OrgConfig read_org(const cli::SettingsTree& tree, const std::string& name, const toml::table& table,
                   std::vector<Finding>& findings) {
  return OrgReader(tree, name, table, findings).read();
}

}  // namespace weir::daemon
