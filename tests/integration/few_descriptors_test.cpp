// A Platform Sync service that may open few files: however many clients come and say nothing, a
// phone is served.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <vector>

#include "mock_server/device.h"
#include "support/raw_client.h"
#include "support/sync_service.h"

namespace weir {
namespace {

void limit_descriptors(rlim_t most) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(most, limit.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

class FewDescriptorsTest : public ::testing::TestWithParam<int> {};

TEST_P(FewDescriptorsTest, ServesAPhoneBesideManySilentClients) {
  testing::SyncService service(WEIR_BINARIES,
                               "[[source]]\nid = \"OUTAGES\"\ncsv = \"outages.csv\"\n"
                               "same_rows_for_all = true\n");
  service.folder().write("outages.csv", "outage_id,label\n1,a\n");
  limit_descriptors(static_cast<rlim_t>(GetParam()));
  service.start();
  limit_descriptors(RLIM_INFINITY);
  std::vector<testing::RawClient> silent;
  for (int i = 0; i < 300; ++i) silent.emplace_back(service.port());
  mock::Device phone({.url = service.url(),
                      .company_id = 7,
                      .ids = {"OUTAGES"},
                      .email = "ada@example.com",
                      .private_token = testing::SyncService::kToken});
  for (const mock::SyncProblem& problem : phone.sync()) ADD_FAILURE() << problem.message;
  EXPECT_EQ(phone.rows("OUTAGES"), (std::vector<mock::Row>{{"1", "a"}}));
}

INSTANTIATE_TEST_SUITE_P(Limits, FewDescriptorsTest, ::testing::Values(48, 64, 128, 256));

}  // namespace
}  // namespace weir
