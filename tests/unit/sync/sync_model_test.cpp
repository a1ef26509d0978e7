// A model of everything that can happen to a service and its devices: rows and rights change, the
// clock is set, the service is restarted, answers are lost, two processes share the store. After
// its sync each device must have what its user may see at that moment, and nothing else.
#include <gtest/gtest.h>
#include <weir/sync/sync_service.h>
#include <weir/testing/manual_clock.h>
// After gtest.h, which it needs.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "support/table_rows.h"
#include "support/temporary_store.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::RowsOfUser;
using testing::SyncDevice;
using testing::TableRows;

const std::array<std::string, 3> kUsers = {"ann@x.org", "bob@x.org", "eve@x.org"};
constexpr int kDevicesPerUser = 3;
constexpr int kKeys = 6;
// Steps of the longest run, in hundreds.
constexpr double kScale = 1;

using Rows = std::map<std::string, Row>;

// What happens next, and to what; the numbers are taken modulo of what there is.
struct Step {
  int what = 0;
  int which = 0;
  int how = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{" << step.what << "," << step.which << "," << step.how << "}";
}

// The rows as they are, and who may see them.
class Truth {
 public:
  void put(int key, int label, int district) {
    const std::string name = "k" + std::to_string(key % kKeys);
    rows_[name] = {name, "label " + std::to_string(label % 3), std::to_string(district % 3)};
  }
  void erase(int key) { rows_.erase("k" + std::to_string(key % kKeys)); }
  void toggle(int user, int district) {
    std::vector<std::string>& mine = rights_[kUsers.at(static_cast<std::size_t>(user % 3))];
    const std::string name = std::to_string(district % 3);
    if (std::erase(mine, name) == 0) mine.push_back(name);
  }
  const std::vector<std::string>& rights(const std::string& user) { return rights_[user]; }

  std::vector<Row> all() const {
    std::vector<Row> rows;
    for (const auto& [key, row] : rows_) rows.push_back(row);
    return rows;
  }
  Rows seen_by(const std::string& user) {
    Rows seen;
    for (const auto& [key, row] : rows_) {
      const std::vector<std::string>& mine = rights_[user];
      if (std::find(mine.begin(), mine.end(), row[2]) != mine.end()) seen[key] = {row[0], row[1]};
    }
    return seen;
  }

 private:
  Rows rows_;
  std::map<std::string, std::vector<std::string>> rights_;
};

enum class RuleKind { kValues, kSourceDecides };

class World {
 public:
  explicit World(RuleKind kind) : kind_(kind) {
    for (const std::string& user : kUsers) {
      for (int i = 0; i < kDevicesPerUser; ++i) devices_.emplace_back(user, "ROWS");
    }
    for (auto& service : services_) service.emplace(open());
  }

  void take(const Step& step) {
    switch (step.what) {
      case 0:
      case 1:
        truth_.put(step.which, step.how, step.how / 3);
        break;
      case 2:
        truth_.erase(step.which);
        break;
      case 3:
        truth_.toggle(step.which, step.how);
        break;
      case 4:
        clock_->advance(Milliseconds{step.how * 400});
        break;
      case 5:
        clock_->set_wall_time(clock_->now() + std::chrono::minutes{step.how - 10});
        break;
      case 6:
        services_.at(static_cast<std::size_t>(step.which % 2)).emplace(open());
        break;
      case 7:
        lose_answer(step);
        break;
      default:
        sync(step);
    }
    show_truth();
  }

  void sync_all() {
    for (std::size_t i = 0; i < devices_.size(); ++i)
      sync({.which = static_cast<int>(i), .how = static_cast<int>(i)});
  }

 private:
  SyncService open() {
    SyncSource source{.id = "ROWS", .columns = {"id", "label"}, .read_again_after = 0ms};
    if (kind_ == RuleKind::kValues) {
      source.rows = table_;
      source.rule = UserRule::column(
          "district", [this](const std::string& user) -> Result<std::vector<std::string>> {
            return truth_.rights(user);
          });
    } else {
      source.rows = of_user_;
      source.rule = UserRule::source_decides();
    }
    Result<SyncService> service =
        SyncService::open({.company_id = 12345,
                           .private_tokens = {Secret::from_string("token", "the test")},
                           .store = store_.path(),
                           .sources = {source},
                           .retention = 5min,
                           .clock = clock_});
    if (!service) throw std::runtime_error(service.error().message);
    return std::move(*service);
  }

  void show_truth() {
    table_->set(truth_.all());
    for (const std::string& user : kUsers) {
      std::vector<Row>& rows = of_user_->of_user[user];
      rows.clear();
      for (const auto& [key, row] : truth_.seen_by(user)) rows.push_back(row);
    }
    of_user_->changed();
  }

  SyncService& service(const Step& step) {
    return *services_.at(static_cast<std::size_t>(step.how % 2));
  }
  SyncDevice& device(const Step& step) {
    return devices_.at(static_cast<std::size_t>(step.which) % devices_.size());
  }

  void lose_answer(const Step& step) {
    RC_ASSERT(service(step).answer(device(step).request()).has_value());
  }
  void sync(const Step& step) {
    SyncDevice& syncing = device(step);
    syncing.sync(service(step));
    RC_ASSERT(syncing.rows() == truth_.seen_by(syncing.email()));
  }

  const RuleKind kind_;
  testing::TemporaryStore store_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(
      std::chrono::sys_days{std::chrono::year{2026} / 3 / 2});
  std::shared_ptr<TableRows> table_ =
      std::make_shared<TableRows>(std::vector<std::string>{"id", "label", "district"});
  std::shared_ptr<RowsOfUser> of_user_ = std::make_shared<RowsOfUser>();
  Truth truth_;
  std::array<std::optional<SyncService>, 2> services_;
  std::vector<SyncDevice> devices_;
};

rc::Gen<Step> any_step() {
  return rc::gen::build<Step>(rc::gen::set(&Step::what, rc::gen::inRange(0, 13)),
                              rc::gen::set(&Step::which, rc::gen::inRange(0, 60)),
                              rc::gen::set(&Step::how, rc::gen::inRange(0, 21)));
}

void every_device_gets_the_truth(RuleKind kind) {
  World world(kind);
  const auto steps = *rc::gen::scale(kScale, rc::gen::container<std::vector<Step>>(any_step()));
  for (const Step& step : steps) world.take(step);
  world.sync_all();
}

RC_GTEST_PROP(SyncModel, EveryDeviceHasWhatItsUserMaySeeByValues, ()) {
  every_device_gets_the_truth(RuleKind::kValues);
}

RC_GTEST_PROP(SyncModel, EveryDeviceHasWhatTheSourceHandsOverForItsUser, ()) {
  every_device_gets_the_truth(RuleKind::kSourceDecides);
}

}  // namespace
}  // namespace weir
