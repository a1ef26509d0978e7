// Keys that the weir command takes for others than the writer meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli_input_fixture.h"

namespace weir {
namespace {

using testing::Finished;
using ::testing::HasSubstr;

class CliKeysTest : public testing::CliInputTest {};

// What a spreadsheet or pandas does to keys on the way: all rows would be others.
TEST_F(CliKeysTest, RefusesKeysThatHaveChangedTheirForm) {
  const auto table = [](const std::string& one, const std::string& two, const std::string& three) {
    return "id,city,status\n" + one + ",a,on\n" + two + ",b,on\n" + three + ",c,off\n";
  };
  ASSERT_EQ(push("rows.csv", table("1", "2", "x")).exit_code, 0);
  for (const std::string& changed :
       {table("1.0", "2.0", "x"), table("01", "02", "X"), table(" 1", " 2", " x")}) {
    const Finished refused = push("rows.csv", changed);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("every key has changed its form, as from “1” to “"));
    EXPECT_THAT(refused.err, HasSubstr("give --max-deletes"));
    EXPECT_EQ(rows().front().front(), "1");
  }
  EXPECT_EQ(push("rows.csv", table("1", "2", "3")).exit_code, 0) << "one of them is another";
  EXPECT_EQ(push("rows.csv", table("11", "12", "13")).exit_code, 0)
      << "other keys, not other forms";
  EXPECT_EQ(push("rows.csv", table("11.0", "12.0", "13.0"), {"--max-deletes", "3"}).exit_code, 0);
  EXPECT_EQ(rows().front().front(), "11.0");
  EXPECT_EQ(push("rows.csv", table("11", "12", "13"), {"--replace"}).exit_code, 0);
}

TEST_F(CliKeysTest, RefusesKeysThatMeanTheSameHoweverTheyAreWritten) {
  const auto table = [](const std::vector<std::string>& keys) {
    std::string text = "id,city,status\n";
    for (const std::string& key : keys) text += "\"" + key + "\",a,on\n";
    return text;
  };
  using Keys = std::vector<std::string>;
  for (const auto& [before, after] :
       std::vector<std::pair<Keys, Keys>>{{{"1", "2"}, {"1e+00", "2e+00"}},
                                          {{"-1", "-2"}, {"-1.0", "-2.0"}},
                                          {{"1.5", "2.5"}, {"1.50", "2,5"}},
                                          {{"1000", "2000"}, {"1,000", "2.000"}},
                                          {{"Köln", "Müü"}, {"KÖLN", "MÜÜ"}},
                                          {{"Köln", "Müü"}, {"KÃ¶ln", "MÃ¼Ã¼"}},
                                          {{"Köln", "Müü"}, {"Ko\u0308ln", "Mu\u0308u\u0308"}},
                                          {{"a", "b"}, {"a\u200B", "b\u200B"}}}) {
    ASSERT_EQ(push("rows.csv", table(before), {"--replace"}).exit_code, 0);
    const Finished refused = push("rows.csv", table(after));
    EXPECT_EQ(refused.exit_code, 1) << after.front();
    EXPECT_THAT(refused.err, HasSubstr("every key has changed its form, as from “" +
                                       before.front() + "” to “" + after.front()));
  }
}

TEST_F(CliKeysTest, WarnsOfTheKeyZeroUnlessItIsMeant) {
  const std::string table = "id,city,status\n1,a,on\n0,b,on\n";
  const Finished pushed = push("rows.csv", table);
  EXPECT_EQ(pushed.exit_code, 0);
  EXPECT_THAT(pushed.err, HasSubstr("a row has the key 0"));
  EXPECT_THAT(pushed.err, HasSubstr("--allow-key-zero"));
  EXPECT_EQ(rows().size(), 2U);
  for (const std::string key : {"00", "-0", "0.0", "10"}) {
    EXPECT_THAT(push("rows.csv", "id,city,status\n" + key + ",a,on\n").err,
                ::testing::Not(HasSubstr("key 0")))
        << key;
  }
  EXPECT_THAT(push("rows.csv", table, {"--allow-key-zero"}).err,
              ::testing::Not(HasSubstr("key 0")));
  const std::string change =
      folder_.write("changes.csv", "op,id,city,status\ndelete,7,,\nupsert,0,c,on\n");
  EXPECT_THAT(weir({"apply", "--source", "OUT", "--changes", change}).err, HasSubstr("key 0"));
  EXPECT_EQ(rows().at(1).at(1), "c");
}

}  // namespace
}  // namespace weir
