#include "daemon/seeing/metrics_text.h"

#include <weir/version.h>

#include <array>
#include <cstdio>
#include <map>

#include "output/printable.h"

namespace weir::daemon {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// The value of a label: quotes and backslashes are escaped, and what is no UTF-8 text of one line
// is made one, for it would spoil all lines.
std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : cli::printable(value)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

std::string in_braces(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text.append(text.empty() ? "{" : ",").append(name).append("=\"");
    text.append(escaped(value)).append("\"");
  }
  return text.empty() ? text : text + "}";
}

std::string number(double value) {
  std::array<char, 40> text = {};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

// One family of lines: its help, and a line for each organization, source or poll.
class Family {
 public:
  Family(std::string& text, std::string_view name, std::string_view type, std::string_view help)
      : text_(text), name_(name) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    text_.append(name).append(" ").append(type).append("\n");
  }
  void add(const Labels& labels, double value) {
    text_.append(name_).append(in_braces(labels)).append(" ").append(number(value)).append("\n");
  }

 private:
  std::string& text_;
  const std::string_view name_;
};

template <typename Value>
void per_org(std::string& text, const Status& status, std::string_view name, std::string_view help,
             Value value) {
  Family family(text, name, "gauge", help);
  for (const OrgStatus& org : status.orgs)
    if (org.is_known) family.add({{"org", org.org}}, static_cast<double>(value(org.usage)));
}

template <typename Value>
void per_source(std::string& text, const Status& status, std::string_view name,
                std::string_view type, std::string_view help, Value value) {
  Family family(text, name, type, help);
  for (const OrgStatus& org : status.orgs) {
    for (const SourceStatus& source : org.sources) {
      const Labels labels = {{"org", org.org}, {"source", source.source}};
      if constexpr (std::is_invocable_v<Value, const OrgStatus&, const SourceStatus&>) {
        family.add(labels, static_cast<double>(value(org, source)));
      } else {
        family.add(labels, static_cast<double>(value(source)));
      }
    }
  }
}

template <typename Value>
void per_poll(std::string& text, const Status& status, std::string_view name, std::string_view help,
              Value value) {
  Family family(text, name, "gauge", help);
  for (const OrgStatus& org : status.orgs) {
    for (const PollStatus& poll : org.polls)
      family.add({{"org", org.org}, {"poll", poll.poll}}, static_cast<double>(value(poll)));
  }
}

void add_config(std::string& text, const Status& status) {
  Family(text, "weir_build_info", "gauge", "Always 1; the label tells the version.")
      .add({{"version", std::string(kVersion)}}, 1);
  Family(text, "weir_config_last_reload_successful", "gauge",
         "0 when the last reload was refused and the settings before it are in force.")
      .add({}, status.config.refused_at ? 0 : 1);
}

void add_calls(std::string& text, const Status& status) {
  per_org(text, status, "weir_calls_today", "Calls that Weir has spent in this org day.",
          [](const Usage& usage) { return usage.calls_today; });
  per_org(text, status, "weir_calls_limit", "Calls that the organization may spend in an org day.",
          [](const Usage& usage) { return usage.limit; });
  per_org(text, status, "weir_calls_left", "Calls that are left in this org day.",
          [](const Usage& usage) { return usage.left; });
  per_org(text, status, "weir_calls_outside", "Calls of this org day that others have spent.",
          [](const Usage& usage) { return usage.outside; });
  per_org(text, status, "weir_price_row_seconds",
          "What a call must save to be worth spending, in stale row-seconds.",
          [](const Usage& usage) { return usage.price_row_seconds; });
  per_org(text, status, "weir_connections_open", "Connections to the platform that are open.",
          [](const Usage& usage) { return usage.open_connections; });
}

void add_sources(std::string& text, const Status& status) {
  using Source = SourceStatus;
  per_source(text, status, "weir_stale_rows", "gauge",
             "Rows whose copy on the platform differs from the source's.",
             [](const Source& source) { return source.stale_rows; });
  per_source(text, status, "weir_oldest_stale_seconds", "gauge",
             "Age of the oldest of these rows, 0 without any.", [&](const Source& source) {
               if (!source.oldest_at) return 0.0;
               return std::chrono::duration<double>(status.now - *source.oldest_at).count();
             });
  per_source(text, status, "weir_source_up", "gauge", "0 when the source cannot be read or sent.",
             [](const OrgStatus& org, const Source& source) {
               return org.store_error.empty() && source.state != SourceState::kFailing ? 1 : 0;
             });
  per_source(text, status, "weir_held_deletes", "gauge",
             "Deletes that wait for a person to release them.",
             [](const Source& source) { return source.held_deletes; });
  per_source(text, status, "weir_reconcile_found_rows_total", "counter",
             "Rows that only reconciling has found, since the daemon started.",
             [](const Source& source) { return source.reconcile_found; });
  Family stands_by(text, "weir_stands_by", "gauge",
                   "1 while another process reads the source or polls, and this one waits to.");
  for (const OrgStatus& org : status.orgs) {
    for (const Source& source : org.sources)
      stands_by.add({{"org", org.org}, {"source", source.source}}, source.is_elsewhere ? 1 : 0);
    for (const PollStatus& poll : org.polls)
      stands_by.add({{"org", org.org}, {"poll", poll.poll}}, poll.is_elsewhere ? 1 : 0);
  }
  Family letters(text, "weir_dead_letters", "gauge",
                 "Changes that the platform, and entries that a handler, refused for good.");
  for (const OrgStatus& org : status.orgs) {
    for (const Source& source : org.sources)
      letters.add({{"org", org.org}, {"source", source.source}},
                  static_cast<double>(source.dead_letters));
    for (const PollStatus& poll : org.polls)
      letters.add({{"org", org.org}, {"poll", poll.poll}}, static_cast<double>(poll.dead_letters));
  }
}

void add_polls(std::string& text, const Status& status) {
  using Poll = PollStatus;
  Family interval(text, "weir_poll_interval_seconds", "gauge",
                  "Time between two looks, as of now.");
  for (const OrgStatus& org : status.orgs) {
    for (const Poll& poll : org.polls) {
      if (poll.interval)
        interval.add({{"org", org.org}, {"poll", poll.poll}},
                     static_cast<double>(poll.interval->count()) / 1000);
    }
  }
  per_poll(text, status, "weir_entries_waiting", "Entries that no handler is done with.",
           [](const Poll& poll) { return poll.waiting; });
  Family total(text, "weir_entries_total", "counter",
               "Entries handled, and tries that failed, since the daemon started.");
  for (const OrgStatus& org : status.orgs) {
    for (const Poll& poll : org.polls) {
      total.add({{"org", org.org}, {"poll", poll.poll}, {"result", "done"}},
                static_cast<double>(poll.done));
      total.add({{"org", org.org}, {"poll", poll.poll}, {"result", "failed"}},
                static_cast<double>(poll.failed));
    }
  }
}

// The lines of all organizations stand together under one help, each with its organization.
void add_sync(std::string& text, const Status& status) {
  std::vector<std::string> order;
  std::map<std::string, std::string> heads;
  std::map<std::string, std::string> lines;
  for (const OrgStatus& org : status.orgs) {
    std::string family;
    std::string_view rest = org.sync_metrics;
    while (!rest.empty()) {
      const std::string line(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.starts_with("# HELP ")) {
        family = line.substr(7, line.find(' ', 7) - 7);
        if (!heads.contains(family)) order.push_back(family);
        heads[family] = line + "\n";
      } else if (line.starts_with("#")) {
        heads[family] += line + "\n";
      } else if (const std::size_t end = line.find_first_of("{ "); end != std::string::npos) {
        const bool has_labels = line[end] == '{';
        lines[family] += line.substr(0, end) + "{org=\"" + escaped(org.org) + "\"" +
                         (has_labels ? "," + line.substr(end + 1) : "}" + line.substr(end)) + "\n";
      }
    }
  }
  for (const std::string& family : order) text += heads[family] + lines[family];
}

}  // namespace

std::string as_metrics(const Status& status) {
  std::string text;
  add_config(text, status);
  add_calls(text, status);
  add_sources(text, status);
  add_polls(text, status);
  add_sync(text, status);
  return text;
}

}  // namespace weir::daemon
