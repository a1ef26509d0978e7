// The polls of a client: Core's second half.
#include <utility>

#include "client/core.h"
#include "client/guarded.h"
#include "polling/form_poll.h"
#include "polling/source_poll.h"

namespace weir {
namespace {

Error wrong(const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = "a poll " + problem};
}

Result<void> check(const PollOptions& options) {
  if (!(options.weight > 0)) return wrong("needs a weight above 0");
  if (options.shortest < Milliseconds{0} || options.longest < Milliseconds{0})
    return wrong("cannot have a negative interval");
  if (options.longest > Milliseconds{0} && options.longest < options.shortest)
    return wrong("needs a longest interval that is no shorter than its shortest");
  return {};
}

Result<void> check(const FormPollOptions& options) {
  if (options.overlap < Milliseconds{0}) return wrong("cannot have a negative overlap");
  if (options.page_entries < 1 || options.page_entries > 250)
    return wrong("takes pages of 1 to 250 entries");
  const std::string& format = options.answer_format;
  if (format != "Raw" && format != "Rich" && format != "Flat")
    return wrong("takes the answer formats Raw, Rich and Flat, not '" + format + "'");
  return check(options.pace);
}

}  // namespace

Result<Poll> Core::poll_form(std::shared_ptr<Core> self, const std::string& form,
                             EntryHandler handler, FormPollOptions options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  if (Result<void> named = require_name("form", form); !named) return named.error();
  if (!handler) return wrong("needs a handler");
  const PollOptions pace = options.pace;
  auto look = std::make_unique<FormPoll>(
      FormPollSeams{
          .leases = leases_, .database = *store_.database, .platform = platform_, .clock = clock_},
      form, guarded(std::move(handler)), std::move(options));
  return begin_poll(std::move(self), std::move(look), pace);
}

Result<Poll> Core::poll_source(std::shared_ptr<Core> self, const std::string& source,
                               ChangesHandler handler, const PollOptions& options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  if (Result<void> named = require_name(kDataSource, source); !named) return named.error();
  if (!handler) return wrong("needs a handler");
  auto look =
      std::make_unique<SourcePoll>(SourcePoll::Seams{.leases = leases_,
                                                     .database = *store_.database,
                                                     .reading = reading_,
                                                     .clock = clock_,
                                                     .call_timeout = options_.call_timeout,
                                                     .page_rows = options_.limits.page_rows},
                                   source, guarded(std::move(handler)));
  return begin_poll(std::move(self), std::move(look), options);
}

Result<Poll> Core::begin_poll(std::shared_ptr<Core> self, std::unique_ptr<Look> look,
                              const PollOptions& options) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<std::size_t> number = polls_.add(std::move(look), options);
  if (!number) return number.error();
  if (has_threads()) polls_.start();
  return Poll(std::move(self), *number);
}

Result<std::optional<TimePoint>> Core::poll_due() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return polls_.run_due(context());
}

void Core::hint_poll(std::size_t poll) {
  if (!is_forked()) polls_.hint(poll);
}

std::optional<Error> Core::poll_failure(std::size_t poll) {
  if (is_forked()) return std::nullopt;
  return polls_.failure(poll);
}

Result<PollPace> Core::poll_pace(std::size_t poll) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return polls_.pace(poll);
}

void Core::end_poll(std::size_t poll) {
  if (!is_forked()) polls_.remove(poll);
}

Result<FormEntriesPage> Core::read_entries(const std::string& form, const FormEntriesRange& range) {
  if (Result<void> named = require_name("form", form); !named) return named.error();
  if (range.page < 0 || range.page_entries < 1 || range.page_entries > 250)
    return wrong("takes pages of 1 to 250 entries, counted from 0");
  Result<api::FormPage> page = platform_.search({.form = form,
                                                 .from = range.from,
                                                 .to = range.to,
                                                 .answer_format = range.answer_format,
                                                 .page = range.page,
                                                 .page_entries = range.page_entries},
                                                "backfill", context());
  if (!page) return page.error();
  return FormEntriesPage{.entries = std::move(page->entries), .total = page->total};
}

ConnectorAnswer Core::take_delivery(const std::string& form, const ConnectorRequest& request) {
  if (is_forked()) return connector_refusal(503, "the receiver was made before fork()");
  return deliveries_.take(form, request);
}

}  // namespace weir
