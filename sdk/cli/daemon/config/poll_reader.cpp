#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/config/source_reader.h"
#include "daemon/config/unit_line.h"
#include "daemon/entries/insert_recipient.h"
#include "daemon/entries/webhook_signature.h"
#include "setting_values.h"
#include "settings_file.h"

namespace weir::daemon {
namespace {

constexpr std::array<std::string_view, 4> kHandlers = {"command", "webhook", "insert", "append"};

struct BelongsToHandler {
  std::string_view name;
  std::array<std::string_view, 3> handlers;
};

constexpr std::array kBelongsToHandlers = {
    BelongsToHandler{"secret_file", {"webhook"}},
    BelongsToHandler{"database", {"insert"}},
    BelongsToHandler{"password_file", {"insert"}},
    BelongsToHandler{"rotate", {"append"}},
    BelongsToHandler{"batch", {"command", "insert"}},
    BelongsToHandler{"timeout", {"command", "webhook", "insert"}},
};

std::string handler_name(TableReader& reader) {
  std::string found;
  for (const std::string_view name : kHandlers) {
    if (!reader.has(name)) continue;
    if (!found.empty())
      reader.fault(name, "and " + found + " exclude each other: a poll has one handler");
    found = name;
  }
  if (found.empty()) reader.fault("needs a handler: one of command, webhook, insert and append");
  for (const auto& [name, handlers] : kBelongsToHandlers) {
    const bool belongs = std::find(handlers.begin(), handlers.end(), found) != handlers.end();
    if (!reader.has(name) || belongs || found.empty()) continue;
    std::string homes;
    for (const std::string_view handler : handlers)
      if (!handler.empty()) homes += (homes.empty() ? "" : ", ") + std::string(handler);
    reader.fault(name, "means nothing here; it belongs to " + homes);
  }
  return found;
}

Handler webhook_handler(TableReader& reader, const std::string& ca_file) {
  WebhookHandler handler{.url = reader.text("webhook"),
                         .secret = read_webhook_secret(reader),
                         .ca_file = ca_file,
                         .timeout = read_timeout(reader, WebhookHandler{}.timeout)};
  if (const auto problem = web_problem(handler.url)) reader.fault("webhook", *problem);
  return handler;
}

Handler insert_handler(TableReader& reader) {
  InsertHandler handler{.statement = reader.text("insert"),
                        .batch = reader.number("batch", 1),
                        .timeout = read_timeout(reader, InsertHandler{}.timeout)};
  if (reader.has("database")) {
    handler.database = read_database(reader);
  } else {
    reader.fault("insert", "goes together with database");
  }
  const auto fault = cli::sql_fault(handler.database.address, handler.statement);
  if (fault == cli::SqlFault::kEmpty) {
    reader.fault("insert", "must be a statement");
  } else if (fault == cli::SqlFault::kSeveralStatements) {
    reader.fault("insert",
                 "has several statements, and one is executed for each entry; leave out what "
                 "follows its first semicolon, or call a procedure that does it all");
  } else if (const auto problem = insert_problem(handler)) {
    reader.fault("insert", *problem);
  } else if (const auto warning = insert_warning(handler.statement)) {
    reader.warn("insert", *warning);
  }
  return handler;
}

Handler append_handler(TableReader& reader) {
  AppendHandler handler{.path = reader.path("append")};
  if (handler.path.empty()) {
    reader.fault("append", "must be the path of a file");
    return handler;
  }
  const std::string folder =
      std::filesystem::path(cli::absolute_path(handler.path)).parent_path().string();
  std::error_code unknown;
  if (!reader.answers("append", handler.path)) {
    // That is told.
  } else if (std::filesystem::is_directory(handler.path, unknown)) {
    reader.fault("append", "is a folder; give a file in it");
  } else if (!std::filesystem::is_directory(folder, unknown)) {
    reader.warn("append", "is in a folder that is not there yet: " + folder);
  } else if (const auto problem = folder_problem(folder)) {
    reader.warn("append", "is in a folder that cannot be written now: " + *problem);
  } else if (::access(handler.path.c_str(), R_OK | W_OK) != 0 && errno != ENOENT) {
    reader.warn("append", "cannot be written now: " + std::string(std::strerror(errno)));
  }
  const std::string rotate = reader.text("rotate");
  handler.rotate_after = cli::duration_of(rotate);
  if (!handler.rotate_after) handler.rotate_bytes = cli::size_of(rotate);
  if (handler.rotate_after && *handler.rotate_after < std::chrono::minutes{1})
    reader.fault("rotate", "must be at least \"1m\"");
  return handler;
}

Handler handler_of(TableReader& reader, const std::string& ca_file) {
  const std::string name = handler_name(reader);
  if (name == "webhook") return webhook_handler(reader, ca_file);
  if (name == "insert") return insert_handler(reader);
  if (name == "append") return append_handler(reader);
  CommandHandler handler{.batch = reader.number("batch", 1),
                         .timeout = read_timeout(reader, CommandHandler{}.timeout)};
  if (name == "command") handler.command = read_command(reader);
  return handler;
}

void check_subject(const PollConfig& poll, TableReader& reader) {
  if (poll.form.empty() == poll.source.empty())
    reader.fault("must name its form or its source, one of them");
  if (poll.form.empty() && !poll.source.empty()) {
    for (const char* name : {"since", "connector", "answers"}) {
      if (reader.has(name)) reader.fault(name, "means nothing here; it belongs to form");
    }
  }
  if (poll.pace.longest > Milliseconds{0} && poll.pace.longest < poll.pace.shortest) {
    if (reader.has("longest")) {
      reader.fault("longest", "must be no shorter than shortest");
    } else {
      reader.fault("shortest", "is longer than longest, which is \"24h\" where it is not set");
    }
  }
}

}  // namespace

Secret read_webhook_secret(TableReader& reader) {
  Secret secret = reader.secret("secret_file");
  if (secret.empty()) return secret;
  if (const Result<Secret> key = webhook_key(secret); !key)
    reader.fault("secret_file", "must hold a secret of Standard Webhooks: " + key.error().message);
  return secret;
}

PollConfig read_poll(const std::string& name, TableReader reader, const std::string& ca_file) {
  PollConfig poll{.name = name,
                  .form = reader.text("form"),
                  .source = reader.text("source"),
                  .since = reader.moment("since"),
                  .answer_format = reader.text("answers", "Rich"),
                  .attempts = reader.number("attempts", 20),
                  .is_strict = reader.text("order") == "strict",
                  .connector = reader.truth("connector", false),
                  .place = reader.where()};
  poll.pace.weight = reader.any_number("weight", PollOptions{}.weight);
  poll.pace.shortest = reader.duration("shortest", PollOptions{}.shortest);
  poll.pace.longest = reader.duration("longest", PollOptions{}.longest);
  check_subject(poll, reader);
  poll.handler = handler_of(reader, ca_file);
  poll.is_sound = reader.is_wholly_sound();
  poll.fingerprint = reader.fingerprint();
  return poll;
}

}  // namespace weir::daemon
