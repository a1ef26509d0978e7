// The part of the core that makes any other call of the platform.
#include <variant>

#include "client/core.h"
#include "os/guarded.h"

namespace weir {

Result<ApiAnswer> Core::call(const ApiCall& call) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const auto* sink = std::get_if<BodySink>(&call.to);
  if (sink == nullptr || !*sink) return calls_.call(call, context());
  // What the user's function throws ends the transfer, and is what the call returns.
  Result<void> taken;
  ApiCall guarded_call = call;
  guarded_call.to = BodySink([&](const HttpResponse& head, std::string_view bytes) {
    bool wants_more = false;
    taken = os::guarded("the function that takes the answer", [&]() -> Result<void> {
      wants_more = (*sink)(head, bytes);
      return {};
    });
    return taken && wants_more;
  });
  Result<ApiAnswer> answer = calls_.call(guarded_call, context());
  if (taken) return answer;
  taken.error().may_have_been_sent = true;
  return taken.error();
}

// On a spent day nothing is given up for a call that cannot be made.
Result<void> Core::drain_for(const std::string& source, const Context& context) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  if (!options_.makes_calls) return {};
  if (const Result<SendReport> sent = pushes_.send(source, nullptr, context); !sent)
    return sent.error();
  const Result<Usage> usage = ledger_.usage();
  if (!usage) return usage.error();
  if (usage->left > 0) return {};
  return Error{.code = ErrorCode::kBudgetExhausted,
               .message = "the organization's calls of " + usage->org_day +
                          " are spent; nothing was sent, and nothing was forgotten",
               .resets_at = usage->resets_at};
}

}  // namespace weir
