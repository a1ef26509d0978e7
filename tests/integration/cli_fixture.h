// The real weir command with a store of its own against the real mock server.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

inline constexpr const char* kCanary = "CANARY-4711-key";

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string rows_up_to(int number) {
  std::string csv = "id,city,status\n";
  for (int i = 1; i <= number; ++i) csv += std::to_string(i) + ",Dinuba,a\n";
  return csv;
}

class CliTest : public ::testing::Test {
 protected:
  void start(mock::Options options = {}) {
    options.company_id = 7;
    options.integration_key = kCanary;
    options.time_zone = "America/Los_Angeles";
    options.data_sources = data_sources();
    server_ = mock::MockServer::start(options);
    ASSERT_TRUE(server_);
    environment_ = {{"WEIR_URL", server_->url()},
                    {"WEIR_COMPANY_ID", "7"},
                    {"WEIR_INTEGRATION_KEY", kCanary},
                    {"WEIR_TIME_ZONE", "America/Los_Angeles"},
                    {"WEIR_STORE", folder_.file("weir.db")}};
  }

  virtual std::vector<mock::DataSourceOptions> data_sources() const {
    return {{"OUTAGES", {"id", "city", "status"}}};
  }

  Finished weir(std::vector<std::string> words) {
    words.insert(words.begin(), std::string(WEIR_BINARIES) + "/weir");
    Finished finished = run(words, environment_);
    EXPECT_EQ((finished.out + finished.err).find(kCanary), std::string::npos)
        << "the key was printed";
    return finished;
  }

  // In another current folder.
  Finished weir_in(const std::string& folder, const std::string& arguments) {
    return run(
        {"/bin/sh", "-c",
         "cd '" + folder + "' && exec '" + std::string(WEIR_BINARIES) + "/weir' " + arguments},
        environment_);
  }

  Finished push(const std::string& csv, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "push", "--source", "OUTAGES", "--csv", folder_.write("rows.csv", csv), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return weir(words);
  }

  // Changes that this store does not know of.
  void somebody_else_applies(const std::string& changes) {
    std::map<std::string, std::string> others = environment_;
    others["WEIR_STORE"] = folder_.file("others.db");
    const Finished applied = run({std::string(WEIR_BINARIES) + "/weir", "apply", "--source",
                                  "OUTAGES", "--changes", folder_.write("others.csv", changes)},
                                 others);
    EXPECT_EQ(applied.exit_code, 0) << applied.err;
  }

  std::vector<std::vector<std::string>> rows() { return server_->rows("OUTAGES").value(); }

  TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_;
  std::map<std::string, std::string> environment_;
};

inline const std::string kRows = "id,city,status\n1,Dinuba,a\n2,Visalia,b\n";

}  // namespace weir::testing
