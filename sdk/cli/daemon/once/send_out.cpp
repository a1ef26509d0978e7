#include "daemon/once/send_out.h"

namespace weir::daemon {
namespace {

bool may_go_on(const Error& error, const SendReport& done) {
  const bool is_slow = error.code == ErrorCode::kTimeout || error.code == ErrorCode::kUnavailable;
  return is_slow && done.changes > 0;
}

}  // namespace

Result<void> send_out(DataSource source, Milliseconds wait, SendReport& total) {
  while (true) {
    SendReport done;
    const Result<SendReport> sent = source.send(wait, &done);
    total.calls += done.calls;
    total.changes += done.changes;
    total.dead_letters += done.dead_letters;
    if (done.dead_letters > 0) total.last_refusal = done.last_refusal;
    if (sent) return {};
    if (!may_go_on(sent.error(), done)) return sent.error();
  }
}

}  // namespace weir::daemon
