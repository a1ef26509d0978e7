#include "client/core.h"

#include <algorithm>
#include <utility>

#include "client/guarded.h"
#include "client/options_check.h"
#include "http/curl_transport.h"
#include "os/guarded.h"
#include "os/process.h"
#include "pipeline/log_transport.h"
#include "rows/guarded_rows.h"
#include "rows/vector_rows.h"
#include "store/identity.h"
#include "store/owner.h"
#include "store/store.h"
#include "text/names.h"

namespace weir {
namespace {

// With a single connection a download lets calls have it about so often: well within the 30 s that
// they wait for one by default.
constexpr Milliseconds kShareAfter = std::chrono::seconds{10};

// Of a client that makes no calls.
Error makes_no_calls() {
  return {.code = ErrorCode::kInvalidConfig,
          .message = "this client makes no calls (ClientOptions::makes_calls)"};
}

// Whoever makes no calls may do without, and sees days of UTC.
ClientOptions with_some_zone(ClientOptions options) {
  if (!options.makes_calls && options.time_zone.empty()) options.time_zone = "UTC";
  return options;
}

Result<std::shared_ptr<Transport>> wire(const ClientOptions& options) {
  // Never asked: see makes_no_calls().
  if (!options.makes_calls) return std::shared_ptr<Transport>();
  if (options.transport) return guarded(options.transport);
  return http::curl_transport({.base_url = options.url,
                               .connect_timeout = options.connect_timeout,
                               .max_answer_bytes = options.max_answer_bytes,
                               .ca_file = options.ca_file});
}

Result<Ground> ground_of(const ClientOptions& options) {
  const std::stop_source stopping;
  Result<store::Store> store =
      store::open_store({.location = options.store,
                         .company_id = options.company_id,
                         .use = options.is_trial ? store::StoreUse::kTrial : store::StoreUse::kReal,
                         .stop = stopping.get_token()});
  if (!store) return store.error();
  return Ground{.store = std::move(*store),
                .host = os::host_id(),
                .process = os::process_name(),
                .stopping = stopping};
}

pacing::PacerOptions pacing_of(const ClientOptions& options) {
  pacing::PacerOptions pacing{.calls_per_day = options.calls_per_day,
                              .fixed_price = options.price_row_seconds};
  for (const auto& [id, source] : options.sources)
    pacing.urgencies[id] = {
        .weight = source.weight, .deadline = source.deadline, .shortest = source.shortest};
  return pacing;
}

outbox::HistoryOptions history_of(const ClientOptions& options) {
  outbox::HistoryOptions history{.kept = options.history, .bytes = options.history_bytes};
  for (const auto& [id, source] : options.sources) history.deadlines[id] = source.deadline;
  return history;
}

// One connection is left to whoever else needs one: a person, a poll, another process.
int most_at_once(const ClientOptions& options, const Ground& ground) {
  return ground.has_threads && !options.executor ? std::max(1, options.max_connections - 1) : 1;
}

}  // namespace

Result<std::shared_ptr<Core>> Core::open(ClientOptions options, std::optional<Ground> ground) {
  if (!options.clock) options.clock = system_clock();
  options.log = os::quiet(std::move(options.log));
  options.on_due = os::quiet(std::move(options.on_due));
  const bool has_zone = !options.time_zone.empty();
  options = with_some_zone(std::move(options));
  Result<CheckedOptions> usable = checked(std::move(options));
  if (!usable) return usable.error();
  Result<budget::OrgCalendar> calendar =
      budget::OrgCalendar::open((*usable)->time_zone, (*usable)->clock->now());
  if (!calendar) return calendar.error();
  Result<std::shared_ptr<Transport>> transport = wire(**usable);
  if (!transport) return transport.error();
  if (!ground) {
    Result<Ground> own = ground_of(**usable);
    if (!own) return own.error();
    ground = std::move(*own);
  }
  const Result<store::Recognized> recognized = store::recognize(ground->store, (*usable)->store);
  if (!recognized) return recognized.error();
  if ((*usable)->company_id > 0) {
    if (Result<void> ours =
            store::claim_for(*ground->store.database, (*usable)->company_id, (*usable)->store);
        !ours)
      return ours.error();
  }
  const bool makes_calls = (*usable)->makes_calls;
  const bool moves = (*usable)->moves_time_zone && !(*usable)->is_trial;
  std::shared_ptr<Core> core(
      new Core(std::move(*usable), *calendar, std::move(*ground), std::move(*transport)));
  const budget::ZoneUse use = moves         ? budget::ZoneUse::kMove
                              : makes_calls ? budget::ZoneUse::kKeep
                                            : budget::ZoneUse::kLook;
  if (has_zone) {
    const std::string location = store::shown_location(core->options_.store);
    if (Result<void> ours = core->ledger_.claim_zone(use, location); !ours) return ours.error();
  }
  core->is_new_ = recognized->is_new;
  core->may_be_a_copy_ = recognized->may_be_a_copy;
  if (recognized->may_be_a_copy) core->warn_of_copy();
  if (makes_calls && core->has_threads()) core->pushes_.start();
  // What an earlier program has kept may wait.
  if (makes_calls) core->due_.news(Task::kPushes);
  return core;
}

Result<void> Core::check_options(ClientOptions options) {
  options = with_some_zone(std::move(options));
  if (!options.clock) options.clock = system_clock();
  const Result<CheckedOptions> usable = checked(std::move(options));
  if (!usable) return usable.error();
  if (const auto calendar =
          budget::OrgCalendar::open((*usable)->time_zone, (*usable)->clock->now());
      !calendar)
    return calendar.error();
  if (const auto transport = wire(**usable); !transport) return transport.error();
  return {};
}

Core::Core(CheckedOptions options, budget::OrgCalendar calendar, Ground ground,
           std::shared_ptr<Transport> transport)
    : options_(std::move(options).take()),
      clock_(options_.clock),
      store_(std::move(ground.store)),
      ledger_(store_, clock_, calendar,
              {.calls_per_day = options_.calls_per_day,
               .max_connections = options_.max_connections,
               .reserves = {.interactive = options_.interactive_reserve,
                            .outside = options_.outside_reserve},
               .host = std::move(ground.host)}),
      leases_(store_, clock_, options_.lease_rest, std::move(ground.process)),
      shared_clock_(store_, clock_),
      pricing_({.clock = clock_,
                .ledger = ledger_,
                .calendar = calendar,
                .database = *store_.database,
                .log = options_.log},
               pacing_of(options_)),
      outbox_(
          *store_.database, options_.limits,
          [this](const std::string& source, std::vector<outbox::RowChange> changes) {
            pricing_.changed(source, std::move(changes), clock_->now());
          },
          options_.sizes, history_of(options_)),
      // retry outside, then budget, then log, then the wire: each attempt costs a call.
      transport_(
          std::make_shared<pipeline::LogTransport>(std::move(transport), clock_, options_.log),
          ledger_, leases_, api::classifier(options_.limit_words, options_.integration_key, clock_),
          {.max_connections = options_.max_connections,
           .wait = options_.wait,
           .exempt_take_connection = options_.exempt_requests_take_connection}),
      platform_(
          [this](const HttpRequest& request, const Context& context) -> Result<HttpResponse> {
            if (!options_.makes_calls) return makes_no_calls();
            return transport_.send(request, context);
          },
          {.credentials = {.company_id = options_.company_id,
                           .integration_key = options_.integration_key},
           .limit_words = options_.limit_words,
           .call_timeout = options_.call_timeout,
           .clock = clock_}),
      delivery_(outbox_, leases_, platform_, clock_, options_.wait,
                options_.url + " " + std::to_string(options_.company_id)),
      reading_(platform_, clock_),
      comparing_({.outbox = outbox_,
                  .leases = leases_,
                  .reading = reading_,
                  .clock = clock_,
                  .call_timeout = options_.call_timeout,
                  .wait = options_.wait,
                  .page_rows = options_.limits.page_rows}),
      downloads_(platform_, clock_,
                 {.owner = options_.url + "\n" + std::to_string(options_.company_id),
                  .wait = options_.wait,
                  .share_after = options_.max_connections == 1 ? kShareAfter : Milliseconds{0}}),
      calls_({.platform = platform_,
              .pricing = pricing_,
              .outbox = outbox_,
              .leases = leases_,
              .clock = clock_,
              .drain = [this](const std::string& source,
                              const Context& context) { return drain_for(source, context); },
              .take_writer =
                  [this](const std::string& source, const Context& context) {
                    return comparing_.take_writer(source, context);
                  }}),
      failures_(options_.log, clock_),
      due_(clock_, [this](Task task, TimePoint due) { tell_due(task, due); }),
      polls_({.clock = clock_,
              .log = options_.log,
              .failures = failures_,
              .health = health_,
              .due = due_,
              .pricing = pricing_,
              .database = *store_.database,
              .history = history_of(options_)}),
      deliveries_({.database = *store_.database,
                   .polls = polls_,
                   .integration_key = options_.integration_key,
                   .clock = clock_,
                   .log = options_.log}),
      pushes_({.clock = clock_,
               .shared_clock = shared_clock_,
               .log = options_.log,
               .outbox = outbox_,
               .pricing = pricing_,
               .delivery = delivery_,
               .failures = failures_,
               .health = health_,
               .due = due_,
               .most_at_once = most_at_once(options_, ground)}),
      steps_({.executor = options_.executor,
              .clock = clock_,
              .due = due_,
              .run = [this](Task task, const std::stop_token& stop) { run_step(task, stop); },
              .on_due = options_.on_due}),
      process_(os::process_id()),
      stopping_(ground.stopping) {}

bool Core::is_forked() const { return os::process_id() != process_; }

Result<void> Core::require_own_process() const {
  if (!is_forked()) return {};
  return Error{.code = ErrorCode::kForked,
               .message =
                   "this client was opened before fork(), by the parent process; open one "
                   "in the child"};
}

void Core::request_stop() {
  stopping_.request_stop();
  pushes_.request_stop();
  polls_.request_stop();
}

Core::~Core() { stop(); }

void Core::stop() {
  pushes_.request_stop();
  polls_.request_stop();
  steps_.stop();
  polls_.stop();
  pushes_.stop();
  if (options_.makes_calls) store::note_calls(store_, options_.store);
}

Result<void> Core::require_name(std::string_view what, const std::string& name) const {
  if (Result<void> own = require_own_process(); !own) return own;
  return text::check_name(what, name);
}

Result<ApplyReport> Core::apply(const std::string& source, const std::vector<Change>& changes,
                                const ApplyOptions& options) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  const Result<TimePoint> now = shared_clock_.now();
  if (!now) return now.error();
  Result<ApplyReport> kept = outbox_.apply(source, changes, *now, options);
  if (kept) pushes_.hint();
  return kept;
}

Result<PublishReport> Core::publish(const std::string& source, const std::vector<Row>& rows,
                                    const PublishOptions& options) {
  outbox::VectorRows in_memory(rows, options.columns);
  return publish(source, in_memory, options);
}

Result<PublishReport> Core::publish(const std::string& source, RowSource& rows,
                                    const PublishOptions& options) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  std::int64_t calls = 0;
  Result<bool> known = outbox_.is_known(source);
  if (!known) return known.error();
  const bool must_read =
      !*known && !options.replace && !options.dry_run && options.first == FirstPublish::kAdopt;
  if (must_read) {
    Result<std::int64_t> adopted = comparing_.adopt(source, context());
    if (!adopted) return adopted.error();
    calls = *adopted;
  }
  const Result<TimePoint> now = shared_clock_.now();
  if (!now) return now.error();
  outbox::GuardedRows guarded_rows(rows);
  Result<PublishReport> report = outbox_.publish(source, guarded_rows, options, *now);
  if (!report) return report;
  report->calls = calls;
  pushes_.hint();
  return report;
}

Result<SendReport> Core::send(const std::optional<std::string>& source, Milliseconds deadline,
                              SendReport* partial) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  if (Result<void> usable = source ? text::check_name(kDataSource, *source) : Result<void>();
      !usable)
    return usable.error();
  // Steady, for somebody may set the wall clock meanwhile.
  const Milliseconds now = clock_->steady_now();
  const Milliseconds give_up =
      deadline < Milliseconds::max() - now ? now + deadline : Milliseconds::max();
  return pushes_.send(source, partial, context().until(give_up));
}

Result<std::optional<TimePoint>> Core::send_due() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return pushes_.run_due(context());
}

Result<DownloadReport> Core::download(const FileDownload& file) {
  if (Result<void> usable = require_name("form entry", file.entry_id); !usable)
    return usable.error();
  if (Result<void> usable = text::check_name("file", file.file_name); !usable)
    return usable.error();
  return downloads_.download(file, context());
}

}  // namespace weir
