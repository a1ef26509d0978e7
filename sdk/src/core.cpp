#include "core.h"

#include <algorithm>
#include <new>
#include <utility>

#include "api/answer_table.h"
#include "http/curl_transport.h"
#include "options_check.h"
#include "os/process.h"
#include "outbox/vector_rows.h"
#include "pipeline/budget_transport.h"
#include "pipeline/log_transport.h"
#include "store/owner.h"

namespace weir {
namespace {

// How often the background thread looks for changes that other processes have kept.
constexpr Milliseconds kLongestNap = std::chrono::seconds{30};

// With a single connection a download lets calls have it about so often: well within the 30 s that
// they wait for one by default.
constexpr Milliseconds kShareAfter = std::chrono::seconds{10};

Result<std::shared_ptr<Transport>> wire(const ClientOptions& options) {
  if (options.transport) return options.transport;
  return http::curl_transport({.base_url = options.url,
                               .connect_timeout = options.connect_timeout,
                               .max_answer_bytes = options.max_answer_bytes,
                               .ca_file = options.ca_file});
}

Result<Ground> ground_of(const ClientOptions& options) {
  Result<store::Store> store = store::open_store({.location = options.store});
  if (!store) return store.error();
  return Ground{.store = std::move(*store), .host = os::host_id(), .process = os::process_name()};
}

api::Credentials credentials_of(const ClientOptions& options) {
  return {.company_id = options.company_id, .integration_key = options.integration_key};
}

pacing::PacerOptions pacing_of(const ClientOptions& options) {
  pacing::PacerOptions pacing{.calls_per_day = options.calls_per_day,
                              .fixed_price = options.price_row_seconds};
  for (const auto& [id, source] : options.sources)
    pacing.urgencies[id] = {
        .weight = source.weight, .deadline = source.deadline, .shortest = source.shortest};
  return pacing;
}

// The words that the user gave come first.
pipeline::Classifier classifier(const ClientOptions& options) {
  return [words = options.limit_words](const HttpResponse& response) {
    return api::classify(response, words);
  };
}

void add(SendReport& report, const Delivered& delivered) {
  report.calls += delivered.calls;
  if (delivered.kind == Delivered::Kind::kAccepted) report.changes += delivered.changes;
  if (delivered.kind != Delivered::Kind::kPutAside) return;
  ++report.dead_letters;
  report.last_refusal = delivered.error->message;
}

Error out_of_time(std::int64_t waiting) {
  return {.code = ErrorCode::kTimeout,
          .message = "the time to send passed; " + std::to_string(waiting) +
                     " changes stay in the outbox and are sent later"};
}

}  // namespace

Result<std::shared_ptr<Core>> Core::open(ClientOptions options, std::optional<Ground> ground) {
  if (Result<void> usable = check_options(options); !usable) return usable.error();
  if (!options.clock) options.clock = system_clock();
  Result<budget::OrgCalendar> calendar =
      budget::OrgCalendar::open(options.time_zone, options.clock->now());
  if (!calendar) return calendar.error();
  Result<std::shared_ptr<Transport>> transport = wire(options);
  if (!transport) return transport.error();
  if (!ground) {
    Result<Ground> own = ground_of(options);
    if (!own) return own.error();
    ground = std::move(*own);
  }
  if (Result<void> ours =
          store::claim_for(*ground->store.database, options.company_id, options.store);
      !ours)
    return ours.error();
  std::shared_ptr<Core> core(
      new Core(std::move(options), *calendar, std::move(*ground), std::move(*transport)));
  if (core->options_.send_in_background) {
    core->background_ = std::jthread(
        [self = core.get()](const std::stop_token& stop) { self->run_in_background(stop); });
  }
  return core;
}

Core::Core(ClientOptions options, budget::OrgCalendar calendar, Ground ground,
           std::shared_ptr<Transport> transport)
    : options_(std::move(options)),
      clock_(options_.clock),
      classify_(classifier(options_)),
      store_(std::move(ground.store)),
      ledger_(store_, clock_, calendar,
              {.calls_per_day = options_.calls_per_day,
               .max_connections = options_.max_connections,
               .reserves = {.interactive = options_.interactive_reserve,
                            .outside = options_.outside_reserve},
               .host = std::move(ground.host)}),
      leases_(store_, clock_, options_.lease_rest, std::move(ground.process)),
      pricing_(
          {.clock = clock_,
           .ledger = ledger_,
           .calendar = calendar,
           .database = *store_.database,
           .polls = [this](TimePoint now, TimePoint end) { return polls_.forecast(now, end); }},
          pacing_of(options_)),
      outbox_(
          *store_.database, options_.limits,
          [this](const std::string& source, std::vector<outbox::RowChange> changes, TimePoint now) {
            pricing_.changed(source, std::move(changes), now);
          },
          options_.sizes),
      // retry outside, then budget, then log, then the wire: each attempt costs a call.
      transport_(std::make_shared<pipeline::BudgetTransport>(
          std::make_shared<pipeline::LogTransport>(std::move(transport), clock_, options_.log),
          ledger_, leases_, classifier(options_),
          pipeline::BudgetOptions{
              .max_connections = options_.max_connections,
              .wait = options_.wait,
              .exempt_take_connection = options_.exempt_requests_take_connection})),
      delivery_(outbox_, leases_, transport_, credentials_of(options_), classifier(options_),
                clock_, {.call_timeout = options_.call_timeout, .wait = options_.wait}),
      reading_(transport_, credentials_of(options_), classifier(options_), clock_,
               options_.call_timeout),
      downloads_(transport_, credentials_of(options_), classifier(options_), clock_,
                 {.platform = options_.url,
                  .wait = options_.wait,
                  .share_after = options_.max_connections == 1 ? kShareAfter : Milliseconds{0}}),
      polls_({.clock = clock_,
              .log = options_.log,
              .price = [this] { return pricing_.for_polls(); },
              .database = *store_.database}),
      process_(os::process_id()) {}

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
  background_.request_stop();
  polls_.request_stop();
}

Error Core::stopped() const {
  return {.code = ErrorCode::kCancelled,
          .message = "stopped; what was not sent stays in the outbox"};
}

Core::~Core() { stop(); }

void Core::stop() {
  polls_.stop();
  if (!background_.joinable()) return;
  background_.request_stop();
  background_.join();
}

Result<ApplyReport> Core::apply(const std::string& source, const std::vector<Change>& changes) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<ApplyReport> kept = outbox_.apply(source, changes, clock_->now());
  if (kept) wake();
  return kept;
}

// There is something new to look at for the background thread.
void Core::wake() {
  std::lock_guard lock(waking_);
  has_news_ = true;
  woken_.notify_all();
}

Result<PublishReport> Core::publish(const std::string& source, const std::vector<Row>& rows,
                                    const PublishOptions& options) {
  outbox::VectorRows in_memory(rows, options.columns);
  return publish(source, in_memory, options);
}

Result<PublishReport> Core::publish(const std::string& source, RowSource& rows,
                                    const PublishOptions& options) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  std::int64_t calls = 0;
  Result<bool> known = outbox_.is_known(source);
  if (!known) return known.error();
  const bool must_read =
      !*known && !options.replace && !options.dry_run && options.first == FirstPublish::kAdopt;
  if (must_read) {
    Result<std::int64_t> adopted = adopt(source);
    if (!adopted) return adopted.error();
    calls = *adopted;
  }
  Result<PublishReport> report = outbox_.publish(source, rows, options, clock_->now());
  if (!report) return report;
  report->calls = calls;
  wake();
  return report;
}

Result<std::vector<outbox::PendingSource>> Core::waiting_for(
    const std::optional<std::string>& source) {
  Result<std::vector<outbox::PendingSource>> waiting = outbox_.pending();
  const auto is_ahead = [now = clock_->now()](const outbox::PendingSource& waits) {
    return TimePoint{Milliseconds(waits.newest_stale_since_ms)} > now;
  };
  // Else such rows would be due only when the clock has come that far again.
  if (waiting && std::any_of(waiting->begin(), waiting->end(), is_ahead)) {
    if (Result<void> brought = outbox_.bring_back_to(clock_->now()); !brought)
      return brought.error();
    waiting = outbox_.pending();
  }
  if (waiting && source)
    std::erase_if(*waiting, [&](const auto& other) { return other.source != *source; });
  return waiting;
}

Result<SendReport> Core::send(const std::optional<std::string>& source, Milliseconds deadline,
                              SendReport* partial) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  std::lock_guard lock(sending_);
  source ? schedule_.resume(*source) : schedule_.resume_all();
  // Steady, for somebody may set the wall clock meanwhile.
  const Milliseconds give_up = clock_->steady_now() + deadline;
  SendReport own_report;
  SendReport& report = partial != nullptr ? *partial : own_report;
  std::optional<Error> last_failure;
  // However short the time, everything is tried once.
  for (bool tried = false;; tried = true) {
    if (stopping_.stop_requested()) return stopped();
    Result<std::vector<outbox::PendingSource>> waiting = waiting_for(source);
    if (!waiting) return waiting.error();
    if (waiting->empty()) return report;
    const TimePoint now = clock_->now();
    const auto push = schedule_.next(*waiting, pacing::due_at_once, now);
    if (!push) return why_nothing_is_sent(*waiting);
    const Milliseconds rest = std::max(push->due - now, Milliseconds{0});
    const Milliseconds left = give_up - clock_->steady_now();
    // What is due at once is no longer than a time that is over by now.
    if (rest > std::max(left, Milliseconds{0}) || (tried && left <= Milliseconds{0}))
      return last_failure.value_or(out_of_time(waiting->front().stale_rows));
    if (rest > Milliseconds{0}) clock_->wait(rest, stopping_.get_token());
    if (stopping_.stop_requested()) return stopped();
    const Delivered delivered = deliver(*push, budget::kInteractive);
    add(report, delivered);
    if (delivered.kind != Delivered::Kind::kFailed) continue;
    last_failure = delivered.error;
    if (last_failure->code == ErrorCode::kBudgetExhausted) return *last_failure;
  }
}

Error Core::why_nothing_is_sent(const std::vector<outbox::PendingSource>& waiting) const {
  for (const outbox::PendingSource& source : waiting) {
    if (auto error = schedule_.halted_by(source.source)) return *error;
  }
  return out_of_time(static_cast<std::int64_t>(waiting.size()));
}

Result<std::optional<TimePoint>> Core::send_due() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  std::lock_guard lock(sending_);
  while (true) {
    Result<std::vector<outbox::PendingSource>> waiting = waiting_for(std::nullopt);
    if (!waiting) return waiting.error();
    if (Result<void> looked = pricing_.look_at(*waiting); !looked) return looked.error();
    const auto due_of = [this](const outbox::PendingSource& source) {
      return pricing_.due_of(source.source);
    };
    const auto push = schedule_.next(*waiting, due_of, clock_->now());
    if (waiting->empty()) return std::optional<TimePoint>();
    if (!push && schedule_.halts_all(*waiting)) return why_nothing_is_sent(*waiting);
    if (!push || push->due > clock_->now()) return look_again_at(push);
    if (stopping_.stop_requested()) return stopped();
    deliver(*push, pricing_.is_forced(push->source) ? "deadline" : "price");
  }
}

// A price that is solved anew may make things due that were not.
std::optional<TimePoint> Core::look_again_at(const std::optional<pacing::NextPush>& push) const {
  const std::optional<TimePoint> renews = pricing_.renews_at();
  if (!push) return renews;
  return renews ? std::min(push->due, *renews) : push->due;
}

// Called with sending_ held.
Delivered Core::deliver(const pacing::NextPush& push, const std::string& reason) {
  Delivered delivered = delivery_.deliver(push.source, reason);
  switch (delivered.kind) {
    case Delivered::Kind::kNothing:
    case Delivered::Kind::kAccepted:
      schedule_.succeeded(push.source);
      if (delivered.calls > 0) pricing_.sent(push.source);
      break;
    case Delivered::Kind::kRefused:
      schedule_.refused(push.source, delivered.changes, *delivered.error);
      break;
    case Delivered::Kind::kPutAside:
      schedule_.put_aside(push.source, *delivered.error);
      break;
    case Delivered::Kind::kFailed:
      schedule_.failed(push.source, *delivered.error, clock_->now());
      break;
  }
  if (delivered.error && options_.log) options_.log(LogLevel::kWarning, delivered.error->message);
  return delivered;
}

Result<void> Core::calibrate(std::int64_t calls_today) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  if (calls_today < 0)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "the portal's number of calls cannot be negative"};
  return ledger_.calibrate(calls_today);
}

Result<Usage> Core::usage() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  Result<Usage> usage = ledger_.usage();
  if (!usage) return usage;
  Result<int> open = leases_.held(budget::connection_lease_names(options_.max_connections));
  if (!open) return open.error();
  usage->open_connections = *open;
  Result<double> price = pricing_.shown();
  if (!price) return price.error();
  usage->price_row_seconds = *price;
  return usage;
}

Result<DownloadReport> Core::download(const FileDownload& file) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  return downloads_.download(file, stopping_.get_token());
}

// How long to rest then. An error is tried again after a while, and so is a lack of memory, which
// must not end the program.
Milliseconds Core::send_and_rest() try {
  const Result<std::optional<TimePoint>> next = send_due();
  if (!next || !next->has_value()) return kLongestNap;
  return std::clamp(**next - clock_->now(), Milliseconds{0}, kLongestNap);
} catch (const std::bad_alloc&) {
  return kLongestNap;
}

void Core::run_in_background(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Milliseconds nap = send_and_rest();
    std::unique_lock lock(waking_);
    woken_.wait_for(lock, stop, nap, [this] { return has_news_; });
    has_news_ = false;
  }
}

}  // namespace weir
