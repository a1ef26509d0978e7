#include "mock_server/device_answer.h"

#include <gtest/gtest.h>

namespace weir::mock {
namespace {

std::vector<Row> after(const std::string& source, const std::vector<Row>& before) {
  const auto answer = read_answer(
      R"({"LastUpdated":"2026-11-24T08:00:00","DataSources":[{"Id":"A",)" + source + "}]}");
  EXPECT_TRUE(std::holds_alternative<DeviceAnswer>(answer)) << std::get<std::string>(answer);
  KeyedRows rows;
  rows.replace(before);
  apply(std::get<DeviceAnswer>(answer).sources.at("A"), rows);
  return {rows.rows().begin(), rows.rows().end()};
}

std::string problem_of(const std::string& body) {
  const auto answer = read_answer(body);
  const auto* problem = std::get_if<std::string>(&answer);
  return problem == nullptr ? "" : *problem;
}

const std::vector<Row> kBefore = {{"1", "a"}, {"2", "b"}, {"3", "c"}};

TEST(DeviceAnswerTest, LetsRowsReplaceEverythingAndWin) {
  EXPECT_EQ(after(R"("Rows":[["9","z"]],"NewRows":[["1","new"]],"DeletedRows":[["9"]])", kBefore),
            (std::vector<Row>{{"9", "z"}}));
}

TEST(DeviceAnswerTest, TellsEmptyRowsFromNone) {
  EXPECT_EQ(after(R"("Rows":[])", kBefore), std::vector<Row>());
  EXPECT_EQ(after(R"("Rows":null)", kBefore), kBefore);
  EXPECT_EQ(after(R"("NewRows":[])", kBefore), kBefore);
}

TEST(DeviceAnswerTest, UpsertsByKeyInPlaceAndAppendsWhatIsNew) {
  EXPECT_EQ(after(R"("NewRows":[["2","new"],["4","d"],["4","e"]])", kBefore),
            (std::vector<Row>{{"1", "a"}, {"2", "new"}, {"3", "c"}, {"4", "e"}}));
}

TEST(DeviceAnswerTest, DeletesByKeyAndIgnoresWhatIsNotThere) {
  EXPECT_EQ(after(R"("DeletedRows":[["2"],["unknown"],["2"]])", kBefore),
            (std::vector<Row>{{"1", "a"}, {"3", "c"}}));
}

TEST(DeviceAnswerTest, ReplacesTheKeyThatTheAppHadMade) {
  EXPECT_EQ(after(R"("NewRows":[["8","c"]],"DeletedRows":[["3"]])", kBefore),
            (std::vector<Row>{{"1", "a"}, {"2", "b"}, {"8", "c"}}));
}

TEST(DeviceAnswerTest, TakesAnAnswerWithoutDataSourcesAsUnchanged) {
  const auto answer = read_answer(R"({"LastUpdated":"x"})");
  EXPECT_EQ(std::get<DeviceAnswer>(answer).last_updated, "x");
  EXPECT_TRUE(std::get<DeviceAnswer>(answer).sources.empty());
}

TEST(DeviceAnswerTest, TakesNullCellsAsEmpty) {
  EXPECT_EQ(after(R"("Rows":[["1",null]])", kBefore), (std::vector<Row>{{"1", ""}}));
}

TEST(DeviceAnswerTest, RefusesWhatNoDocumentAllows) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not valid JSON"},
      {"<html>", "not valid JSON"},
      {"{\"LastUpdated\":\"x\"", "not valid JSON"},
      {"[]", "not a JSON object"},
      {"{}", "LastUpdated"},
      {R"({"LastUpdated":7})", "LastUpdated"},
      {R"({"LastUpdated":null})", "LastUpdated"},
      {R"({"LastUpdated":"x","DataSources":{}})", "DataSources is not a list"},
      {R"({"LastUpdated":"x","DataSources":[7]})", "not an object"},
      {R"({"LastUpdated":"x","DataSources":[{"Rows":[]}]})", "Id"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A"},{"Id":"A"}]})", "twice"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A","Rows":{}}]})", "Rows is not a list"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A","Rows":["1"]}]})", "a row of Rows"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A","Rows":[["1",2]]}]})", "not text"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A","NewRows":[[]]}]})", "no key"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A","Rows":[["1","a"],["2"]]}]})", "differ"},
      {R"({"LastUpdated":"x","DataSources":[{"Id":"A","DeletedRows":[["1","a"]]}]})", "its key"},
      {std::string(100'000, '['), "nested too deeply"},
  };
  for (const auto& [body, problem] : cases)
    EXPECT_NE(problem_of(body).find(problem), std::string::npos)
        << body << ": " << problem_of(body);
}

}  // namespace
}  // namespace weir::mock
