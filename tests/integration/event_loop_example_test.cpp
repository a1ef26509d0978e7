// The example of an event loop as its user runs it.
#include <gtest/gtest.h>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

TEST(EventLoopExample, SendsWhatItReadsAndEndsWhenAllIsSent) {
  const testing::TemporaryFolder folder;
  const auto server = mock::MockServer::start(
      {.company_id = 1, .integration_key = "k", .data_sources = {{"OUTAGES", {"id", "city"}}}});
  ASSERT_TRUE(server);
  const testing::Finished finished =
      testing::run({"/bin/sh", "-c",
                    "printf '1\\tDinuba\\n2\\tVisalia\\n' | '" + std::string(WEIR_BINARIES) +
                        "/weir-event-loop' OUTAGES"},
                   {{"WEIR_URL", server->url()},
                    {"WEIR_COMPANY_ID", "1"},
                    {"WEIR_INTEGRATION_KEY", "k"},
                    {"WEIR_TIME_ZONE", "UTC"},
                    {"WEIR_STORE", folder.file("weir.db")}});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(server->rows("OUTAGES")->size(), 2U);
}

}  // namespace
}  // namespace weir
