#include "replay.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kCompany = 12345;
constexpr Milliseconds kDay = 24h;
constexpr int kProgressEvery = 50;

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

std::vector<Row> rows_of(const std::map<std::string, Row>& table) {
  std::vector<Row> rows;
  for (const auto& [key, row] : table) rows.push_back(row);
  return rows;
}

std::unique_ptr<mock::MockServer> start_server(const StormDay& day, const std::string& key) {
  mock::Options options{.company_id = kCompany, .integration_key = key, .time_zone = day.time_zone};
  for (const auto& [source, rows] : day.initial)
    options.data_sources.push_back({source, day.columns});
  std::string problem;
  auto server = mock::MockServer::start(options, &problem);
  if (!server) throw std::runtime_error(problem);
  server->clock().set_rate(0);
  return server;
}

}  // namespace

Replay::Replay(StormDay day, const std::string& store)
    : day_(std::move(day)),
      start_(day_.midnight),
      clock_(std::make_shared<testing::ManualClock>(start_)),
      server_(start_server(day_, "a-key-for-the-demo")) {
  server_->clock().set(start_);
  client_ = std::make_unique<Client>(value_of(
      Client::open({.url = server_->url(),
                    .company_id = kCompany,
                    .integration_key = Secret::from_string("a-key-for-the-demo", "the demo"),
                    .time_zone = day_.time_zone,
                    .store = store,
                    .send_in_background = false,
                    .clock = clock_})));
}

Outcome Replay::run(const std::function<void(const Progress&)>& progress) {
  publish_initial_rows();
  replay_changes(progress);
  return outcome();
}

void Replay::publish_initial_rows() {
  truth_ = day_.initial;
  for (const auto& [source, table] : day_.initial) {
    value_of(client_->data_source(source).publish(rows_of(table),
                                                  {.allow_empty = true, .columns = day_.columns}));
    note_calls();
  }
  value_of(client_->drain(60s));
  note_calls();
  first_calls_ = calls_;
}

void Replay::replay_changes(const std::function<void(const Progress&)>& progress) {
  const TimePoint last_moment = start_ + kDay - 1s;
  std::size_t next_change = 0;
  for (int step = 0;; ++step) {
    const std::optional<TimePoint> due = value_of(client_->send_due());
    note_calls();
    const bool more = next_change < day_.changes.size();
    const TimePoint change_time = more ? day_.changes[next_change].time : last_moment;
    const TimePoint time = std::min({change_time, due.value_or(last_moment), last_moment});
    go_to(time);
    if (more && time == change_time) hand_over(day_.changes[next_change++]);
    if (step % kProgressEvery == 0) {
      progress({.time = time,
                .share_of_day = (time - start_) / std::chrono::duration<double, std::milli>(kDay),
                .changes = changes_,
                .calls = calls_});
    }
    if (time == last_moment && next_change == day_.changes.size()) break;
  }
  send_the_rest();
}

// Calls that are left at midnight are worth nothing, so whatever still waits goes now. If the day's
// calls are spent, it goes after the reset.
void Replay::send_the_rest() {
  const auto sent = client_->drain(60s);
  note_calls();
  calls_today_ = server_->usage().calls_today;
  calls_left_ = value_of(client_->usage()).left;
  if (!sent && sent.error().code == ErrorCode::kBudgetExhausted) {
    go_to(start_ + kDay + 2min);
    value_of(client_->drain(60s));
    note_calls();
    calls_after_midnight_ = server_->usage().calls_today;
  } else {
    value_of(sent);
  }
}

void Replay::go_to(TimePoint time) {
  if (time <= clock_->now()) return;
  clock_->advance(time - clock_->now());
  server_->clock().set(time);
}

void Replay::hand_over(const TimedChange& change) {
  value_of(client_->data_source(change.source).apply({change.change}));
  apply_to(truth_, change);
  not_current_[change.source].push_back(change.time);
  ++changes_by_source_[change.source];
  ++changes_;
}

// The server's own log says which data source became current, and when.
void Replay::note_calls() {
  const mock::Usage usage = server_->usage();
  for (auto entry = usage.log.rbegin(); entry != usage.log.rend(); ++entry) {
    if (entry->number <= last_call_seen_) continue;
    last_call_seen_ = entry->number;
    ++calls_;
    const std::string source = entry->target.substr(entry->target.find(' ') + 1);
    for (const TimePoint changed : not_current_[source]) {
      seconds_until_current_ += std::chrono::duration<double>(entry->time - changed).count();
    }
    not_current_[source].clear();
  }
}

Outcome Replay::outcome() {
  const mock::Usage served = server_->usage();
  return {.changes = changes_,
          .sources_changed = static_cast<std::int64_t>(changes_by_source_.size()),
          .calls = calls_today_,
          .first_calls = first_calls_,
          .calls_left = calls_left_,
          .calls_after_midnight = calls_after_midnight_,
          .refused = served.refused,
          .peak_connections = served.peak_connections,
          .mean_seconds_until_current =
              seconds_until_current_ / static_cast<double>(std::max<std::int64_t>(1, changes_)),
          .sources = truth_.size(),
          .sources_that_differ = sources_that_differ()};
}

std::vector<std::string> Replay::sources_that_differ() {
  std::vector<std::string> different;
  for (const auto& [source, table] : truth_) {
    std::map<std::string, Row> served;
    const std::vector<Row> rows = server_->rows(source).value();
    for (const Row& row : rows) served[row.front()] = row;
    if (served != table) different.push_back(source);
  }
  return different;
}

}  // namespace weir::demo
