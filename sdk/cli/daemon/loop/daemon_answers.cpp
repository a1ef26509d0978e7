// What the daemon answers on its control socket.
#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/loop/daemon.h"
#include "daemon/seeing/status_json.h"
#include "daemon/seeing/why.h"
#include "push_settings.h"

namespace weir::daemon {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json answer_of(const Result<void>& done) {
  if (done) return {{"ok", true}};
  return {{"ok", false}, {"error", done.error().message}};
}

// A release waits for the reading of its source that is under way, which may take longer than that.
constexpr Milliseconds kReleaseSoon = std::chrono::seconds{10};
constexpr Milliseconds kStopSeen = std::chrono::milliseconds{50};

Error not_released(const std::string& why) {
  return {.code = ErrorCode::kCancelled,
          .message = why + " before the table could be released; release it again"};
}

Json outcome_of(Releasing releasing) {
  try {
    const Result<RowHandover> done = releasing.get();
    if (!done) return answer_of(Result<void>(done.error()));
    if (done->is_held)
      return answer_of(Error{
          .code = ErrorCode::kInvalidArgument,
          .message = "the platform's rows were read, and the table is held still: " + done->reason +
                     ". " + done->what_to_do});
    return {{"ok", true},
            {"is_done", true},
            {"rows", done->rows},
            {"deleted", done->deleted},
            {"replaces_all_rows", done->replaces_all_rows}};
  } catch (const std::future_error&) {
    return answer_of(not_released("its settings were changed, or another release came,"));
  }
}

Error no_organization(const std::string& org) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = org.empty() ? "this weir run has several organizations: add --org NAME"
                                 : "this weir run has no organization " + org};
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::size_t count_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::size_t>() : 0;
}

}  // namespace

std::string Daemon::answer(const std::string& question) {
  const Json asked = Json::parse(question, nullptr, false);
  const std::string verb = asked.is_object() ? text_of(asked, "verb") : "";
  if (verb == "reload") {
    const Reloaded done = reload();
    Json findings = Json::array();
    for (const Finding& finding : done.findings) findings.push_back(shown(finding));
    return dumped({{"ok", done.is_applied}, {"findings", std::move(findings)}});
  }
  if (verb == "status") return as_json(status());
  if (verb == "log") return dumped({{"ok", true}, {"lines", seams_.log.last()}});
  if (verb == "why")
    return why(text_of(asked, "org"), {.source = text_of(asked, "source"),
                                       .poll = text_of(asked, "poll"),
                                       .last_calls = count_of(asked, "last")});
  if (verb == "kept") return dumped({{"ok", holds_store(text_of(asked, "store"))}});
  if (verb == "release") {
    const std::string first = text_of(asked, "first");
    return release(text_of(asked, "org"), text_of(asked, "source"),
                   first.empty() ? std::nullopt : std::optional(cli::first_publish_of(first)));
  }
  return dumped({{"ok", false}, {"error", "this weir run does not know the question"}});
}

std::string Daemon::release(const std::string& org, const std::string& source,
                            std::optional<FirstPublish> first) {
  Result<Releasing> releasing = begin_release(org, source, first);
  if (!releasing) return dumped(answer_of(Result<void>(releasing.error())));
  Milliseconds waited{0};
  while (releasing->wait_for(kStopSeen) != std::future_status::ready) {
    waited += kStopSeen;
    if (!is_ready_) return dumped(answer_of(not_released("weir run was stopped")));
    if (waited >= kReleaseSoon) return dumped({{"ok", true}, {"is_done", false}});
  }
  return dumped(outcome_of(std::move(*releasing)));
}

Result<Releasing> Daemon::begin_release(const std::string& org, const std::string& source,
                                        std::optional<FirstPublish> first) {
  const std::shared_ptr<Organization> asked = org_named(org);
  if (!asked) return no_organization(org);
  return asked->release(source, first);
}

std::string Daemon::why(const std::string& org, const WhyQuestion& question) const {
  const std::shared_ptr<Organization> asked = org_named(org);
  if (!asked) return dumped(answer_of(no_organization(org)));
  // It may still be asked when nobody waits for the answer any more.
  const Result<std::string> answer =
      asked->store().answer([&about = *asked, question]() -> Result<std::string> {
        const auto told = [](const auto& why) -> Result<std::string> {
          if (!why) return why.error();
          return as_json(*why);
        };
        if (!question.source.empty()) return told(about.why_source(question.source));
        if (!question.poll.empty()) return told(about.why_poll(question.poll));
        return told(about.why_calls(question.last_calls));
      });
  return answer ? *answer : dumped(answer_of(answer.error()));
}

// Whoever asks has kept changes in it; in a database that may be one schema or another.
bool Daemon::holds_store(const std::string& location) {
  bool is_held = false;
  for (const auto& [name, org] : orgs()) {
    if (org->client().store_state().location != location) continue;
    org->look_at_store();
    is_held = true;
  }
  return is_held;
}

}  // namespace weir::daemon
