// A service with one source, CREWS, its clock and two devices, over any kind of store.
#pragma once

#include <weir/sync/sync_service.h>
#include <weir/testing/manual_clock.h>

#include "support/any_store.h"
#include "support/table_rows.h"

namespace weir::testing {

using Rows = std::map<std::string, Row>;

inline const TimePoint kStart =
    std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::hours{8};

class SyncServiceTest : public AnyStoreTest {
 protected:
  void SetUp() override {
    crews_->set(
        {{"1", "pole", "ann@x.org"}, {"2", "wire", "bob@x.org"}, {"3", "tree", "ann@x.org"}});
    open();
  }

  SyncSource crews() const {
    return {.id = "CREWS",
            .rows = crews_,
            .rule = UserRule::column("crew"),
            .columns = {"id", "label"}};
  }

  void open() { open({crews()}); }
  void open(std::vector<SyncSource> sources) {
    service_.reset();
    service_ = std::make_unique<SyncService>(opened(std::move(sources)));
  }
  SyncService opened(std::vector<SyncSource> sources) const {
    Result<SyncService> service =
        SyncService::open({.company_id = 12345,
                           .private_tokens = {Secret::from_string("token", "the test")},
                           .store = file_.location(),
                           .sources = std::move(sources),
                           .retention = std::chrono::hours{24},
                           .clock = clock_});
    if (!service) throw std::runtime_error(service.error().message);
    return std::move(*service);
  }

  std::shared_ptr<TableRows> crews_ =
      std::make_shared<TableRows>(std::vector<std::string>{"id", "label", "crew"});
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(kStart);
  std::unique_ptr<SyncService> service_;
  SyncDevice ann_{"ann@x.org", "CREWS"};
  SyncDevice bob_{"bob@x.org", "CREWS"};
};
}  // namespace weir::testing
