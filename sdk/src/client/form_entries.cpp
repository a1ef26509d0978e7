#include <weir/form_entries.h>

#include <utility>

#include "client/core.h"

namespace weir {

Result<Poll> FormEntries::poll(EntryHandler handler, FormPollOptions options) {
  return core_->poll_form(core_, form_, std::move(handler), std::move(options));
}

Result<FormEntriesPage> FormEntries::read(const FormEntriesRange& range) {
  return core_->read_entries(form_, range);
}

}  // namespace weir
