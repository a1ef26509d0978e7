// What an organization answers to `weir why`, and of names that it has not.
#include <algorithm>

#include "daemon/loop/organization.h"
#include "setting_table.h"

namespace weir::daemon {
namespace {

Error not_there(const std::string& what, const std::string& name) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "this weir run has no " + what + " " + name};
}

bool is_configured(const OrgConfig& config, const std::string& id) {
  return std::any_of(config.sources.begin(), config.sources.end(),
                     [&](const SourceConfig& source) { return source.id == id; });
}

}  // namespace

WhyAbout Organization::about(const std::string& name) const {
  return {.org = config_->name,
          .name = name,
          .time_zone = config_->client.time_zone,
          .now = services_.clock->now()};
}

// Other programs may keep rows of sources that weir.toml does not name.
Result<SourceWhy> Organization::why_source(const std::string& source) const {
  Result<WaitReason> reason = client_.why(source);
  if (!reason) return reason.error();
  if (reason->limited_by == LimitedBy::kNothingWaits && !is_configured(*applied(), source))
    return not_there("data source", source);
  SourceWhy why{.about = about(source), .reason = std::move(*reason)};
  tell_reset(why, client_.usage());
  const std::shared_ptr<SourceTask> read = source_task(source);
  if (!read) return why;
  const TaskStatus task = read->status();
  (task.state == TaskState::kHeld ? why.held : why.failure) = task.error;
  why.what_to_do = task.what_to_do;
  return why;
}

Result<PollWhy> Organization::why_poll(const std::string& poll) const {
  const std::map<std::string, TaskStatus> polls = this->polls();
  const auto found = polls.find(poll);
  if (found == polls.end()) return not_there("poll", poll);
  const TaskStatus& task = found->second;
  if (!task.pace)
    return Error{.code = ErrorCode::kBusy,
                 .message = "the poll " + poll + " has not begun yet" +
                            (task.error.empty() ? "" : ": " + task.error)};
  return PollWhy{.about = about(poll), .pace = *task.pace, .failure = task.error};
}

Result<CallsWhy> Organization::why_calls(std::size_t most) const {
  Result<Usage> usage = client_.usage();
  if (!usage) return usage.error();
  usage->log.resize(std::min(usage->log.size(), most));
  return CallsWhy{.about = about(""), .calls = std::move(usage->log)};
}

// With those that there are.
std::string Organization::no_source(const std::string& source) const {
  std::string text = "no data source " + source + " is read by this weir run";
  const std::map<std::string, TaskStatus> sources = this->sources();
  std::vector<std::string_view> read;
  for (const auto& [id, task] : sources) read.emplace_back(id);
  if (read.empty()) return text + "; it reads none";
  const auto near = cli::nearest(source, read);
  text += near ? "; did you mean " + *near + "?" : ".";
  text += " It reads ";
  for (const std::string_view id : read) text += (id == read.front() ? "" : ", ") + std::string(id);
  return text;
}

}  // namespace weir::daemon
