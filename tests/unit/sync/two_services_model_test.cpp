// A model of two services on one store and of phones that meet either, seed by seed. While a source
// is read anything else happens: rows change, the other service answers, is killed and started
// again, the clock is set. Now and then the store is deleted, or put back from a copy. What a phone
// has after an answer must be a state that the source was in while it asked.
//
// WEIR_SYNC_SEEDS sets how many seeds, WEIR_SYNC_FIRST_SEED the first of them, and
// WEIR_SYNC_ANSWERS how many answers the two services give under load.
#include <gtest/gtest.h>
#include <weir/sync/sync_service.h>
#include <weir/testing/manual_clock.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <thread>

#include "mock_server/device_answer.h"
#include "support/temporary_store.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

using Rows = std::map<std::string, Row>;

const std::array<std::string, 4> kIds = {"ALL", "COLUMN", "VALUES", "QUERY"};
const std::array<std::string, 3> kUsers = {"ann@x.org", "bob@x.org", "eve@x.org"};
constexpr unsigned kPhones = 9;
constexpr int kKeys = 6;
constexpr int kSteps = 60;
constexpr unsigned kDeepest = 3;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

using Random = std::mt19937_64;
unsigned below(Random& random, unsigned limit) {
  return std::uniform_int_distribution<unsigned>(0, limit - 1)(random);
}

// All states in which the rows of one source have been; key, label, user.
class History {
 public:
  void change(Random& random) {
    std::vector<Row> next = states_.back();
    const std::string key = "k" + std::to_string(below(random, kKeys));
    std::erase_if(next, [&](const Row& row) { return row.front() == key; });
    if (below(random, 4) != 0) {
      next.push_back({key, std::to_string(below(random, 3)),
                      below(random, 5) == 0 ? "" : kUsers.at(below(random, 3))});
    }
    const std::lock_guard lock(mutex_);
    states_.push_back(std::move(next));
  }
  std::size_t newest() const {
    const std::lock_guard lock(mutex_);
    return states_.size() - 1;
  }
  std::vector<Row> state(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return states_.at(number);
  }
  Rows seen(std::size_t number, const std::string& user, bool is_for_all) const {
    Rows rows;
    for (const Row& row : state(number)) {
      if (is_for_all || row[2] == user) rows[row.front()] = {row[0], row[1]};
    }
    return rows;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::vector<Row>> states_ = {{}};
};

class HistoryRows final : public RowSource {
 public:
  HistoryRows(const History& history, bool tells_version, std::function<void()> meanwhile)
      : history_(history), tells_version_(tells_version), meanwhile_(std::move(meanwhile)) {}

  Result<std::vector<std::string>> columns() override {
    return std::vector<std::string>{"id", "label", "crew"};
  }
  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    meanwhile_();
    const std::vector<Row> rows = history_.state(history_.newest());
    meanwhile_();
    for (const Row& row : rows) {
      if (query.user && row[2] != *query.user) continue;
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    meanwhile_();
    return {};
  }
  Result<std::optional<std::string>> version() override {
    if (!tells_version_) return std::optional<std::string>();
    return std::optional(std::to_string(history_.newest()));
  }

 private:
  const History& history_;
  const bool tells_version_;
  const std::function<void()> meanwhile_;
};

struct Phone {
  std::string user;
  std::map<std::string, std::string> last_updated = {};
  std::map<std::string, mock::KeyedRows> rows = {};
};

using Histories = std::array<History, kIds.size()>;

SyncService opened(const std::string& store, Histories& histories, std::shared_ptr<Clock> clock,
                   const std::function<void()>& meanwhile) {
  const auto source = [&](std::size_t which, bool tells_version, UserRule rule) {
    return SyncSource{
        .id = kIds.at(which),
        .rows = std::make_shared<HistoryRows>(histories.at(which), tells_version, meanwhile),
        .rule = std::move(rule),
        .columns = {"id", "label"},
        .read_again_after = 0ms};
  };
  const auto values = [](const std::string& user) -> Result<std::vector<std::string>> {
    return std::vector<std::string>{user};
  };
  Result<SyncService> service =
      SyncService::open({.company_id = 7,
                         .private_tokens = {Secret::from_string("token", "the test")},
                         .store = store,
                         .sources = {source(0, true, UserRule::same_rows_for_all()),
                                     source(1, false, UserRule::column("crew")),
                                     source(2, true, UserRule::column("crew", values)),
                                     source(3, true, UserRule::source_decides())},
                         .retention = 5min,
                         .cache_bytes = 1 << 20,
                         .clock = std::move(clock)});
  if (!service) throw std::runtime_error(service.error().message);
  return std::move(*service);
}

// Asks for some data sources at once and applies the answer. Returns what is wrong with it; an
// answer that fails leaves everything as it was.
std::string ask(SyncService& service, Phone& phone, const std::vector<std::size_t>& which,
                const Histories& histories, bool is_lost) {
  std::string ids;
  std::string tokens;
  std::map<std::size_t, std::size_t> before;
  for (const std::size_t number : which) {
    ids += (ids.empty() ? "" : ",") + kIds.at(number);
    tokens += (before.empty() ? "" : ",") + phone.last_updated[kIds.at(number)];
    before[number] = histories.at(number).newest();
  }
  SyncHttpAnswer http =
      service.handle({.target = "/?providerid=7&integrationkey=token&ids=" + ids +
                                "&lastupdateds=" + tokens + "&email=" + phone.user});
  const Result<std::string> body = http.body->read_all();
  if (http.status != 200 || !body || is_lost) return "";
  const auto read = mock::read_answer(*body);
  if (const auto* wrong = std::get_if<std::string>(&read)) return *wrong + ": " + *body;
  const auto& answer = std::get<mock::DeviceAnswer>(read);
  for (const auto& [number, first] : before) {
    const std::string& id = kIds.at(number);
    if (const auto told = answer.sources.find(id); told != answer.sources.end())
      mock::apply(told->second, phone.rows[id]);
    phone.last_updated[id] = answer.last_updated;
    Rows has;
    for (const mock::Row& row : phone.rows[id].rows()) has[row.front()] = row;
    bool was = false;
    for (std::size_t state = first; state <= histories.at(number).newest() && !was; ++state)
      was = has == histories.at(number).seen(state, phone.user, number == 0);
    if (!was) return phone.user + " has wrong rows of " + id + " after " + *body;
  }
  return "";
}

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    for (unsigned i = 0; i < kPhones; ++i)
      phones_.push_back({.user = kUsers.at(i % kUsers.size())});
    open_all();
  }

  void step() {
    switch (below(random_, 12)) {
      case 0:
        return lose_the_store();
      case 1:
        fs::copy_file(store_.path(), copy_, fs::copy_options::overwrite_existing);
        return;
      default:
        happen();
    }
  }

  void sync_all() {
    for (Phone& phone : phones_) {
      for (std::size_t which = 0; which < kIds.size(); ++which)
        note(ask(*services_.at(below(random_, 2)), phone, {which}, histories_, false));
    }
  }

  const std::string& problem() const { return problem_; }

 private:
  void happen() {
    switch (below(random_, 9)) {
      case 0:
      case 1:
      case 2:
        histories_.at(below(random_, kIds.size())).change(random_);
        break;
      case 3:
        clock_->advance(Milliseconds{below(random_, 1500)});
        break;
      case 4:
        clock_->set_wall_time(clock_->now() + std::chrono::seconds{below(random_, 120)});
        break;
      case 5:
        restart(below(random_, 2));
        break;
      default:
        answer();
    }
  }

  // In the midst of an answer of one service all this may happen, but for its own end.
  void meanwhile() {
    if (depth_ == 0 || depth_ >= kDeepest || below(random_, 3) != 0) return;
    happen();
  }

  void answer() {
    const std::size_t which = below(random_, 2);
    if (is_busy_.at(which)) return;
    // A phone asks one service at a time.
    const std::size_t number = below(random_, kPhones);
    if (is_asking_.at(number)) return;
    std::vector<std::size_t> sources;
    for (std::size_t source = 0; source < kIds.size(); ++source) {
      if (below(random_, 2) == 0) sources.push_back(source);
    }
    if (sources.empty()) return;
    std::shuffle(sources.begin(), sources.end(), random_);
    ++depth_;
    is_busy_.at(which) = is_asking_.at(number) = true;
    note(
        ask(*services_.at(which), phones_.at(number), sources, histories_, below(random_, 8) == 0));
    is_busy_.at(which) = is_asking_.at(number) = false;
    --depth_;
  }

  void restart(std::size_t which) {
    if (is_busy_.at(which)) return;
    services_.at(which).reset();
    open(which);
  }
  void open(std::size_t which) {
    services_.at(which).emplace(opened(store_.path(), histories_, clock_, [this] { meanwhile(); }));
  }
  void open_all() {
    for (std::size_t which = 0; which < services_.size(); ++which) open(which);
  }

  // Between two answers, with nobody serving. It takes a moment, as it does in life.
  void lose_the_store() {
    for (auto& service : services_) service.reset();
    clock_->advance(1ms);
    fs::remove(store_.path());
    if (fs::exists(copy_) && below(random_, 2) == 0) fs::copy_file(copy_, store_.path());
    open_all();
  }

  void note(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }

  Random random_;
  testing::TemporaryStore store_;
  const std::string copy_ = store_.path() + ".copy";
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(
      std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 300ms);
  Histories histories_;
  std::array<std::optional<SyncService>, 2> services_;
  std::array<bool, 2> is_busy_ = {};
  std::array<bool, kPhones> is_asking_ = {};
  std::vector<Phone> phones_;
  unsigned depth_ = 0;
  std::string problem_;
};

TEST(TwoServicesModel, NoPhoneEverHasAStateThatWasNot) {
  const std::uint64_t first = number_from("WEIR_SYNC_FIRST_SEED", 1);
  const std::uint64_t seeds = number_from("WEIR_SYNC_SEEDS", 60);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    World world(seed);
    for (int step = 0; step < kSteps && world.problem().empty(); ++step) world.step();
    world.sync_all();
    ASSERT_EQ(world.problem(), "") << "seed " << seed;
  }
}

// The same with threads and the real clock: rows change all the time, services are stopped and
// started again, and every answer is compared with what was there while it was asked for.
TEST(TwoServicesModel, AnswersUnderLoadAreStatesThatWere) {
  const std::uint64_t wanted = number_from("WEIR_SYNC_ANSWERS", 2000);
  const testing::TemporaryStore store;
  Histories histories;
  const auto clock = system_clock();
  struct Slot {
    std::shared_mutex mutex;
    std::optional<SyncService> service;
  };
  std::array<Slot, 2> slots;
  for (Slot& slot : slots)
    slot.service.emplace(opened(store.path(), histories, clock, [] { std::this_thread::yield(); }));
  std::atomic<std::uint64_t> answers = 0;
  std::mutex problem_mutex;
  std::string problem;
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < 2 * kPhones; ++i) {
    threads.emplace_back([&, i] {
      Random random(i);
      Phone phone{.user = kUsers.at(i % kUsers.size())};
      while (!is_over) {
        Slot& slot = slots.at(below(random, 2));
        std::vector<std::size_t> which = {below(random, 4)};
        if (below(random, 2) == 0) which.push_back((which[0] + 1 + below(random, 3)) % 4);
        const std::shared_lock lock(slot.mutex);
        const std::string wrong =
            ask(*slot.service, phone, which, histories, below(random, 10) == 0);
        const std::lock_guard noting(problem_mutex);
        if (problem.empty()) problem = wrong;
        if (++answers >= wanted || !problem.empty()) is_over = true;
      }
    });
  }
  Random random(4711);
  for (std::uint64_t turn = 0; !is_over; ++turn) {
    histories.at(below(random, kIds.size())).change(random);
    if (turn % 50 == 49) {
      Slot& slot = slots.at(below(random, 2));
      const std::unique_lock lock(slot.mutex);
      slot.service.reset();
      slot.service.emplace(
          opened(store.path(), histories, clock, [] { std::this_thread::yield(); }));
    }
    // At the pace of the answers, whatever the machine.
    for (const std::uint64_t seen = answers; answers < seen + 5 && !is_over;)
      std::this_thread::yield();
  }
  threads.clear();
  EXPECT_EQ(problem, "");
}

}  // namespace
}  // namespace weir
