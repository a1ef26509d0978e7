#include "daemon/config/org_reader.h"

#include <weir/client.h>

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
    org_.store_place = reader_.where("store");
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

  void read_client() {
    if (!are_keys_sound()) return;
    Result<cli::Settings> settings = cli::read_settings(tree_, table_, {}, cli::Needs::kCalls);
    if (!settings) return reader_.fault(settings.error().message);
    org_.client = settings->client;
    if (Result<void> usable = Client::check(org_.client); !usable)
      reader_.fault("cannot be used: " + cli::with_place(*settings, usable.error()).message);
    secrets_ = digest_of(org_.client.integration_key.reveal());
    // It belongs to the client.
    for (const auto& [id, source] : org_.client.sources)
      pacing_ += digest_of(id + " " + std::to_string(source.weight) + " " +
                           std::to_string(source.deadline.count()) + " " +
                           std::to_string(source.shortest.count()));
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
      if (!polled.insert(subject).second)
        reader.fault("is a second poll of the " + subject + "; one poll hands over all its news");
      check_connector(poll, reader);
      org_.polls.push_back(std::move(poll));
    }
  }

  void check_connector(const PollConfig& poll, TableReader& reader) const {
    if (!poll.connector) return;
    if (tree_.root["daemon"]["receive"].value_or(std::string()).empty())
      reader.fault("connector", "needs receive in [daemon], the address that deliveries come to");
    const bool is_plain = poll.name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-.~") == std::string::npos;
    if (!is_plain)
      reader.fault("connector",
                   "needs a poll whose name has letters, digits, -, _, . and ~ only, "
                   "since it is a part of the address");
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
  std::string pacing_ = {};
};

}  // namespace

OrgConfig read_org(const cli::SettingsTree& tree, const std::string& name, const toml::table& table,
                   std::vector<Finding>& findings) {
  return OrgReader(tree, name, table, findings).read();
}

}  // namespace weir::daemon
