#include "daemon/once/org_run.h"

#include <algorithm>
#include <list>
#include <set>
#include <utility>

#include "daemon/entries/poll_task.h"
#include "daemon/loop/organization.h"
#include "daemon/once/finite_task.h"
#include "daemon/once/scratch_folder.h"
#include "daemon/once/send_out.h"
#include "daemon/once/store_place.h"
#include "daemon/sources/make_source.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kBetweenLooks = std::chrono::milliseconds{250};

// One organization from its first reading to its end.
class OrgRun {
 public:
  OrgRun(const OrgConfig& config, const OnceShared& shared, Client& client, std::stop_token stop)
      : shared_(shared),
        client_(client),
        stop_(std::move(stop)),
        parts_{.config = config,
               .daemon = shared.daemon,
               .client = client,
               .clock = shared.seams.clock,
               .log = shared.seams.log.sink(config.name),
               .rows_kept = {},
               .looks_wanted = {}} {
    outcome_.org = config.name;
  }

  // All are made before anything is read.
  Result<void> make() {
    for (const SourceConfig& config : parts_.config.sources) {
      const TaskPool::Place place = shared_.pool.place();
      Result<MadeSource> made =
          make_source(parts_, config, shared_.folders, place.waker(), shared_.options.delivering);
      if (!made) return made.error();
      if (made->task)
        sources_.push_back({.config = config,
                            .task = std::move(made->task),
                            .place = place,
                            .outcome = {.source = config.id}});
    }
    if (is_dry()) return {};
    for (const PollConfig& config : parts_.config.polls) {
      const TaskPool::Place place = shared_.pool.place();
      auto made = make_poll_task(config, parts_, {.slots = shared_.slots}, place.waker());
      if (!made) return made.error();
      polls_.push_back({.config = config, .task = std::move(*made), .place = place});
    }
    return {};
  }

  OrgOutcome run() && {
    for (Source& source : sources_) begin_source(source);
    work_off_polls();
    reading_.wait(stop_);
    for (const TaskPool::Id task : tasks_) shared_.pool.remove(task);
    for (Source& source : sources_) outcome_.sources.push_back(std::move(source.outcome));
    if (!is_dry() && !stop_.stop_requested()) send_the_rest();
    for (const Polled& poll : polls_) outcome_.polls.push_back(outcome_of(poll));
    if (!is_dry()) add_left_behind();
    count_waiting();
    if (const Result<Usage> usage = client_.usage()) outcome_.usage = *usage;
    return std::move(outcome_);
  }

 private:
  struct Source {
    const SourceConfig& config;
    std::shared_ptr<SourceTask> task;
    TaskPool::Place place;
    SourceOutcome outcome = {};
  };
  struct Polled {
    const PollConfig& config;
    std::shared_ptr<PollTask> task;
    TaskPool::Place place;
    TaskPool::Id turns = 0;
    std::optional<Error> error = {};
  };

  bool is_dry() const { return shared_.options.delivering == Delivering::kDry; }

  template <class Part>
  TaskPool::Id begin(const Part& part, UnderWay& under_way, std::function<void()> at_end) {
    under_way.add();
    const auto finite = std::make_shared<FiniteTask>(
        part.task, [task = part.task] { return task->stand(); },
        [&under_way, at_end = std::move(at_end)] {
          at_end();
          under_way.done();
        });
    tasks_.push_back(shared_.pool.add(part.place, finite, TurnKind::kSlow));
    return tasks_.back();
  }

  // What was read is sent at once: another source may take long.
  void begin_source(Source& source) {
    begin(source, reading_, [this, &source] {
      SourceOutcome& outcome = source.outcome;
      outcome = {.source = source.config.id,
                 .is_elsewhere = source.task->stand() == Stand::kElsewhere,
                 .rows = source.task->last(),
                 .error = source.task->failure()};
      const std::optional<Error> refused = source.task->refused();
      const bool is_other = outcome.error && outcome.error->code != ErrorCode::kInvalidArgument;
      if (refused && !is_other) outcome.error = refused;
      if (is_dry() || source.config.deliver == Deliver::kSync) return;
      if (outcome.rows && outcome.rows->are_changes) plan_by_what_waits(*outcome.rows, outcome);
      send(outcome);
    });
  }

  // Several changes of one row are one in the end.
  void plan_by_what_waits(RowHandover& rows, const SourceOutcome& outcome) const {
    const Result<OutboxContents> contents = client_.outbox();
    if (!contents) return;
    rows.upserted = 0;
    rows.deleted = 0;
    for (const WaitingChanges& waiting : contents->waiting) {
      if (waiting.source != outcome.source) continue;
      rows.upserted = waiting.upserts + waiting.cell_updates;
      rows.deleted = waiting.deletes;
    }
  }

  void send(SourceOutcome& outcome) {
    const Result<void> sent =
        send_out(client_.data_source(outcome.source), shared_.options.wait, outcome.sent);
    outcome.has_sending_failed = !sent;
    if (!sent && !outcome.error) outcome.error = sent.error();
  }

  // Entries of an earlier run first, then a look at each, then what was found.
  void work_off_polls() {
    if (polls_.empty()) return;
    for (Polled& poll : polls_) poll.turns = begin(poll, handing_over_, [] {});
    if (!handing_over_.wait(stop_)) return;
    // Their places are for the second half.
    for (const Polled& poll : polls_) shared_.pool.remove(poll.turns);
    look_at_all();
    for (Polled& poll : polls_) poll.turns = begin(poll, handing_over_, [] {});
    handing_over_.wait(stop_);
  }

  // The lease of a process that was killed in the midst of a look rests for a while.
  void look_at_all() {
    Clock& clock = *shared_.seams.clock;
    const Milliseconds give_up = clock.steady_now() + shared_.options.wait;
    std::set<const Polled*> told;
    std::vector<Polled*> left;
    for (Polled& poll : polls_) left.push_back(&poll);
    while (!left.empty()) {
      for (const Polled* poll : left) poll->task->want_look();
      const Result<std::optional<TimePoint>> looked = client_.poll_due();
      const bool is_last = !looked || clock.steady_now() >= give_up;
      std::erase_if(left, [&](Polled* poll) {
        poll->error = looked ? poll->task->failure() : looked.error();
        const bool is_busy = poll->error && poll->error->code == ErrorCode::kBusy;
        if (is_busy && !is_last) {
          if (told.insert(poll).second) tell_of_wait(*poll);
          return false;
        }
        poll->task->end_looks();
        return true;
      });
      if (!left.empty() && !clock.wait(kBetweenLooks, stop_)) return;
    }
  }

  void tell_of_wait(const Polled& poll) const {
    parts_.log(LogLevel::kWarning, poll.config.name + ": " + poll.error->message +
                                       ", or it was killed a moment ago; waiting for up to " +
                                       std::to_string(shared_.options.wait.count() / 1000) +
                                       " s (--wait)");
  }

  // What other programs have kept, for data sources that have no origin here.
  void send_the_rest() {
    const Result<OutboxContents> contents = client_.outbox();
    if (!contents) return;
    std::set<std::string> tried;
    for (const Source& source : sources_)
      if (source.config.deliver != Deliver::kSync) tried.insert(source.config.id);
    for (const WaitingChanges& waiting : contents->waiting) {
      if (tried.contains(waiting.source)) continue;
      SourceOutcome outcome{.source = waiting.source};
      send(outcome);
      outcome_.sources.push_back(std::move(outcome));
    }
  }

  void count_waiting() {
    const Result<OutboxContents> contents = client_.outbox();
    if (!contents) return;
    for (const WaitingChanges& waiting : contents->waiting) {
      for (SourceOutcome& outcome : outcome_.sources) {
        if (outcome.source != waiting.source) continue;
        outcome.waiting = waiting.upserts + waiting.deletes + waiting.cell_updates;
        outcome.waiting_deletes = waiting.deletes;
      }
    }
  }

  static PollOutcome outcome_of(const Polled& poll) {
    const TaskStatus status = poll.task->status();
    return {.poll = poll.config.name,
            .is_elsewhere = poll.task->stand() == Stand::kElsewhere,
            .handed_over = poll.task->handed_over(),
            .waiting = status.waiting,
            .dead_letters = poll.task->buried(),
            .problem = status.waiting > 0 ? status.error : "",
            .error = poll.error ? poll.error : poll.task->failure()};
  }

  void add_left_behind() {
    const Result<std::vector<LeftBehind>> left = left_behind(client_, parts_.config);
    if (!left) return;
    for (const LeftBehind& queue : *left)
      outcome_.polls.push_back({.poll = queue.queue,
                                .waiting = queue.waiting,
                                .problem = std::string(kLeftBehind) + "; " + queue.what_to_do,
                                .is_left_behind = true});
  }

  const OnceShared& shared_;
  Client& client_;
  const std::stop_token stop_;
  const OrgParts parts_;
  OrgOutcome outcome_;
  // Tasks hold on to them.
  std::list<Source> sources_;
  std::list<Polled> polls_;
  UnderWay reading_;
  UnderWay handing_over_;
  std::vector<TaskPool::Id> tasks_;
};

Result<OrgOutcome> try_org(const OrgConfig& config, const OnceShared& shared,
                           const std::stop_token& stop) {
  ClientOptions options = client_options(config, shared.seams.clock, shared.seams.log);
  options.wait = shared.options.wait;
  std::optional<ScratchFolder> scratch;
  if (shared.options.delivering == Delivering::kDry) {
    options.makes_calls = false;
    const Result<bool> is_there = store_is_there(options.store);
    if (!is_there) return is_there.error();
    options.is_trial = *is_there;
    if (!*is_there) {
      Result<ScratchFolder> made = ScratchFolder::make();
      if (!made) return made.error();
      scratch.emplace(std::move(*made));
      options.store = scratch->path() + "/weir.db";
    }
  }
  Result<Client> client = Client::open(std::move(options));
  if (!client) return client.error();
  if (!scratch) tell_of_store(client->store_state(), config.name, shared.seams.log);
  const std::stop_callback stopping(stop, [&] { client->request_stop(); });
  OrgRun run(config, shared, *client, stop);
  if (Result<void> made = run.make(); !made) return made.error();
  return std::move(run).run();
}

}  // namespace

OrgOutcome run_org(const OrgConfig& config, const OnceShared& shared, const std::stop_token& stop) {
  Result<OrgOutcome> outcome = try_org(config, shared, stop);
  if (outcome) return std::move(*outcome);
  return {.org = config.name, .error = outcome.error()};
}

}  // namespace weir::daemon
