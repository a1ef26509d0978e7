// What an entry gives the parameters of an insert: :id, :received, :form, :user, :json and
// :answer.NAME. Pure, thread-safe.
#pragma once

#include <weir/entry_queue.h>
#include <weir/result.h>

#include <optional>
#include <string>
#include <vector>

namespace weir::daemon {

// How a database takes a moment.
enum class MomentForm {
  kIso,    // 2026-11-01T08:00:00.250Z
  kPlain,  // 2026-11-01 08:00:00.250, in UTC
};

// Whether an entry can give a parameter of this name; what is wrong with the name, otherwise.
std::optional<std::string> parameter_problem(const std::string& name);

// The values of the parameters, in their order; empty: NULL. An answer that is not there is NULL, a
// text is its letters, and anything else is its JSON. NAME is a path through the answers' members
// with dots, or the name of a member at any depth. kInvalidArgument: the entry is not JSON.
Result<std::vector<std::optional<std::string>>> parameter_values(
    const std::vector<std::string>& names, const QueuedEntry& entry, MomentForm form);

}  // namespace weir::daemon
