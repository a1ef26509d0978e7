#include <weir/form_entries.h>

#include <utility>

#include "core.h"

namespace weir {

Result<Poll> FormEntries::poll(EntryHandler handler, FormPollOptions options) {
  return core_->poll_form(core_, form_, std::move(handler), std::move(options));
}

}  // namespace weir
