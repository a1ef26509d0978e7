#include "daemon/seeing/shown_status.h"

#include <weir/foreign_words.h>

#include "output/command_words.h"

namespace weir::daemon {
namespace {

void leave_out(std::string& error, std::string& what_to_do, const std::string& question) {
  what_to_do = weir::without_foreign_words(what_to_do);
  std::string shown = weir::without_foreign_words(error);
  if (shown == error) return;
  error = std::move(shown);
  what_to_do += (what_to_do.empty() ? "" : "; ") + question + " tells what … stands for";
}

}  // namespace

Status without_foreign_words(Status status) {
  for (OrgStatus& org : status.orgs) {
    for (HaltedSource& halted : org.usage.halted)
      halted.reason = weir::without_foreign_words(halted.reason);
    for (SourceStatus& source : org.sources)
      leave_out(source.error, source.what_to_do,
                cli::command("why " + cli::shell_word(source.source), org.org));
    for (PollStatus& poll : org.polls)
      leave_out(poll.error, poll.what_to_do,
                cli::command("why --poll " + cli::shell_word(poll.poll), org.org));
  }
  for (Verdict& verdict : status.more) {
    verdict.text = weir::without_foreign_words(verdict.text);
    verdict.what_to_do = weir::without_foreign_words(verdict.what_to_do);
  }
  return status;
}

}  // namespace weir::daemon
