#include "simulation/process.h"

#include <algorithm>
#include <utility>

#include "budget/org_calendar.h"
#include "simulation/handing_over.h"

namespace weir::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Milliseconds kLongestNap = hours{1};

Drawing drawing_of(World& world) {
  return {.random = world.random,
          .model = world.model,
          .keys = world.settings.keys,
          .bad_cells = world.settings.bad_cells};
}

std::string in_words(const Change& change) {
  if (const auto* upsert = std::get_if<Upsert>(&change)) {
    std::string words = "upsert";
    for (const std::string& cell : upsert->row) words += " " + cell;
    return words;
  }
  if (const auto* set = std::get_if<SetCells>(&change)) {
    std::string words = "set " + set->key;
    for (const CellUpdate& cell : set->cells) words += " " + cell.column + "=" + cell.value;
    return words;
  }
  return "erase " + key_of(change);
}

}  // namespace

void Process::run() {
  world_.scheduler.sleep_until(world_.settings.start +
                               world_.random.between(Milliseconds{0}, minutes{30}));
  while (!world_.is_over && !world_.trace.violation()) {
    live();
    if (world_.is_over || world_.trace.violation()) return;
    world_.scheduler.sleep_until(world_.scheduler.now() +
                                 world_.random.between(Milliseconds{50}, minutes{10}));
  }
}

void Process::live() {
  Life& life = begin_life();
  try {
    const Result<std::shared_ptr<Core>> core = open_core(life);
    if (core) {
      work(**core);
    } else {
      world_.trace.note("P", number_, ": cannot open: ", core.error().message);
    }
  } catch (const Killed&) {
    // What it held is free already; what it was doing is left as it was.
  }
  if (life.is_dead) ++world_.counts.kills;
  life_ = nullptr;
  life.is_dead = true;
}

Life& Process::begin_life() {
  Life& life = world_.lives.emplace_back();
  life.process = number_;
  life.fiber = world_.scheduler.current();
  wire_ = std::make_shared<Wire>(world_, life);
  life.on_death = [this, &life] {
    world_.trace.note("P", number_, " is killed");
    if (world_.bug == SeededBug::kForgetsSpentCalls && wire_->is_open()) world_.forget_spent_call();
    if (world_.bug == SeededBug::kLosesKeptChanges) world_.lose_newest_change();
    world_.locks.release_all(&life);
    wire_->cut();
  };
  life_ = &life;
  world_.trace.note("P", number_, " starts");
  return life;
}

Result<std::shared_ptr<Core>> Process::open_core(Life& life) {
  const Settings& settings = world_.settings;
  const SeededBug bug = world_.bug;
  ClientOptions options{
      .company_id = kCompany,
      .integration_key = Secret::from_string(kKey, "the simulation"),
      .time_zone = bug == SeededBug::kWrongDayKey ? "UTC" : settings.time_zone,
      .store = "memory",
      .calls_per_day = settings.calls_per_day + (bug == SeededBug::kOneCallTooMany ? 1 : 0),
      .max_connections = settings.max_connections,
      .limits = settings.limits,
      .interactive_reserve = settings.interactive_reserve,
      .price_row_seconds =
          bug == SeededBug::kPriceOfNothing ? std::optional(0.0) : settings.price_row_seconds,
      .send_in_background = false,
      .call_timeout = settings.call_timeout,
      .wait = settings.wait,
      .lease_rest = bug == SeededBug::kNoLeaseRest ? Milliseconds{0} : settings.lease_rest,
      .log = [this](LogLevel, std::string_view line) { world_.log(number_, line); },
      .clock = std::make_shared<ProcessClock>(world_.scheduler, host_, life),
      .transport = with_bug(bug, wire_)};
  Ground ground{.store = {},
                .host = host_.id,
                .process = host_.id + "/" + std::to_string(number_) + "/" +
                           std::to_string(world_.lives.size()),
                .has_threads = false};
  ground.store.database = std::make_unique<StoreView>(world_, life);
  const bool by_sessions = settings.hosts > 1;
  ground.store.locks = simulated_locks(world_, life, by_sessions);
  // The clock of the database server.
  if (by_sessions)
    ground.store.shared_time = [this](store::Statements&) {
      return world_.scheduler.now().time_since_epoch();
    };
  return Core::open(std::move(options), std::move(ground));
}

void Process::work(Core& core) {
  while (!world_.is_over && !world_.trace.violation()) {
    const std::int64_t calls_before = world_.platform.calls();
    const Result<std::optional<TimePoint>> next = core.send_due();
    if (world_.platform.calls() != calls_before) longest_nap_ = seconds{1};
    world_.look_at_waiting();
    rest(next);
    if (!world_.is_over) hand_over_imports(core);
    if (world_.is_over || world_.scheduler.now() < next_action_) continue;
    plan_death();
    life_->acts = true;
    act(core);
    life_->acts = false;
    life_->commits = 0;
    world_.look_at_waiting();
    if (world_.random.chance(0.05)) return;  // ends in peace and is started again
  }
}

// Until the batch that is due next or the next action. Looking in vain again and again makes the
// naps longer, as it would in a program that is not to keep the machine busy.
void Process::rest(const Result<std::optional<TimePoint>>& next) {
  const TimePoint now = world_.scheduler.now();
  if (next_action_ <= now) {
    Milliseconds until = world_.random.until_next(world_.settings.between_actions);
    if (world_.random.chance(0.3)) until = world_.random.between(Milliseconds{1}, seconds{3});
    if (world_.random.chance(0.1)) until = world_.until_midnight() + seconds{30};
    next_action_ = now + until;
  }
  Milliseconds nap = kLongestNap;
  if (next && next->has_value()) {
    const TimePoint shown = now + host_.wall_ahead;
    nap = std::clamp(**next - shown, longest_nap_, kLongestNap);
    longest_nap_ = std::min(kLongestNap, longest_nap_ * 2);
  }
  const Milliseconds left =
      std::max(std::min(next_action_, next_import_row()) - now, Milliseconds{1});
  ProcessClock clock(world_.scheduler, host_, *life_);
  clock.wait(std::min(nap, left), {});
}

// The one that it takes part in next.
const Import* Process::import() const {
  for (std::size_t i = next_import_; i < world_.settings.imports.size(); ++i) {
    if (number_ <= world_.settings.imports[i].processes) return &world_.settings.imports[i];
  }
  return nullptr;
}

TimePoint Process::next_import_row() const {
  const Import* import = this->import();
  if (import == nullptr) return TimePoint::max();
  return import->begins + import->length * rows_imported_ / import->rows;
}

// One by one, as a loop over a file does. A process that is killed goes on where it was.
void Process::hand_over_imports(Core& core) {
  while (next_import_row() <= world_.scheduler.now()) {
    const Import* import = this->import();
    if (rows_imported_ == 0) {
      world_.trace.note("P", number_, ": imports ", import->rows, " rows");
      plan_death();
    }
    const std::int64_t number = ++rows_imported_;
    if (number == import->rows) {
      next_import_ = static_cast<std::size_t>(import - world_.settings.imports.data()) + 1;
      rows_imported_ = 0;
    }
    keep(core, world_.random.pick(world_.model.names()),
         {draw_import_row(drawing_of(world_), number)});
  }
  world_.look_at_waiting();
}

void Process::plan_death() {
  if (!world_.random.chance(world_.settings.crashes)) return;
  if (world_.random.chance(0.5)) {
    life_->dies_in_call = true;
  } else {
    life_->seams_left = static_cast<int>(world_.random.between(0, 60));
  }
}

void Process::act(Core& core) {
  const std::string source = world_.random.pick(world_.model.names());
  const double kind = world_.random.unit();
  if (world_.model.is_uncertain(source) || kind < world_.settings.publishes) {
    hand_over_snapshot(core, source);
  } else if (kind < 0.9) {
    hand_over_changes(core, source);
  } else if (kind < 0.96) {
    send(core);
  } else {
    ask(core, source);
  }
}

void Process::hand_over_changes(Core& core, const std::string& source) {
  keep(core, source, draw_changes(drawing_of(world_), source));
}

void Process::keep(Core& core, const std::string& source, const std::vector<Change>& changes) {
  life_->commits = 0;
  const Result<ApplyReport> kept = core.apply(source, changes, {});
  const bool is_kept = kept || life_->commits > 0;
  world_.trace.note(
      "P", number_, ": ", changes.size(), " changes for ", source,
      is_kept ? " are kept" : " are not kept: ", kept ? std::string() : kept.error().message);
  for (const Change& change : changes) world_.trace.show("    ", in_words(change));
  if (!is_kept) return;
  world_.counts.changes += static_cast<std::int64_t>(changes.size());
  world_.spending.handed_over(static_cast<std::int64_t>(changes.size()));
  for (const Change& change : changes) world_.model.apply(source, change);
}

void Process::hand_over_snapshot(Core& core, const std::string& source) {
  const std::vector<Row> rows = draw_snapshot(drawing_of(world_), source);
  PublishOptions options{.allow_empty = true, .columns = world_.model.columns()};
  if (world_.settings.adopts) options.first = FirstPublish::kAdopt;
  options.replace = world_.random.chance(0.05);
  options.dry_run = world_.random.chance(0.03);
  life_->commits = 0;
  Result<PublishReport> kept = dead_error();
  try {
    kept = core.publish(source, rows, options);
  } catch (const Killed&) {
    if (life_->commits > 0) world_.model.publish_in_doubt(source, rows);
    throw;
  }
  world_.trace.note(
      "P", number_, ": a snapshot of ", rows.size(), " rows for ", source,
      kept ? " is kept" : " is not kept: ", kept ? std::string() : kept.error().message);
  for (const Row& row : rows) world_.trace.show("    ", row);
  if (options.dry_run) return;
  if (!kept && life_->commits > 0) world_.model.publish_in_doubt(source, rows);
  if (!kept) return;
  ++world_.counts.publishes;
  world_.spending.handed_over(static_cast<std::int64_t>(rows.size()));
  world_.model.publish(source, rows);
}

void Process::send(Core& core) {
  const std::string source = world_.random.pick(world_.model.names());
  const auto which = world_.random.chance(0.5) ? std::optional(source) : std::nullopt;
  const Result<SendReport> sent =
      core.send(which, world_.random.between(Milliseconds{0}, minutes{2}), nullptr);
  world_.trace.note("P", number_, ": a person sends: ", sent ? "done" : sent.error().message);
}

void Process::ask(Core& core, const std::string& source) {
  if (world_.random.chance(0.5)) {
    const Result<Description> told = core.describe(source);
    world_.trace.note("P", number_, ": describe: ", told ? "done" : told.error().message);
  } else if (world_.settings.others_spend_too) {
    const Result<void> told = core.calibrate(world_.platform.calls_of_today());
    world_.trace.note("P", number_, ": calibrate: ", told ? "done" : told.error().message);
  } else {
    const Result<Usage> usage = core.usage();
    if (usage && usage->calls_today > usage->limit)
      world_.trace.violate("I1", "the ledger counts " + std::to_string(usage->calls_today) +
                                     " calls of " + usage->org_day);
  }
}

void Process::settle_uncertain(Core& core) {
  for (const std::string& source : world_.model.names()) {
    if (!world_.model.is_uncertain(source)) continue;
    std::vector<Row> rows;
    for (const auto& [key, row] : world_.model.rows(source)) rows.push_back(row);
    if (core.publish(source, rows, {.allow_empty = true})) world_.model.publish(source, rows);
  }
}

// Within 60 days the smallest budget sends what may wait (I7).
void Process::finish() {
  Life& life = begin_life();
  const Result<std::shared_ptr<Core>> core = open_core(life);
  if (!core)
    return world_.trace.violate("I7", "the store cannot be opened: " + core.error().message);
  settle_uncertain(**core);
  const TimePoint give_up = world_.scheduler.now() + hours{60 * 24};
  while (world_.scheduler.now() < give_up) {
    const Result<std::optional<TimePoint>> next = (*core)->send_due();
    world_.trace.note("at the end: ", next ? "waiting" : next.error().message);
    if (next && !next->has_value()) return;
    // What stopped until a person looks is set going again.
    if (!next) static_cast<void>((*core)->send(std::nullopt, minutes{1}, nullptr));
    world_.scheduler.sleep_until(world_.scheduler.now() + minutes{40});
  }
  if (world_.waiting_rows_but_refused_ones() > 0)
    world_.trace.violate("I7", "changes still wait 60 days after the last fault");
}

}  // namespace weir::simulation
