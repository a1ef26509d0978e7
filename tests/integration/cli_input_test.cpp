// What the weir command is given to read, from a file, a pipe or standard input, and what it does
// when nobody can read what it prints.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "cli_input_fixture.h"

namespace weir {
namespace {

using testing::CliInputTest;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CliInputTest, ReadsPipesAndStandardInput) {
  const std::string csv = folder_.write("rows.csv", "id,city,status\n1,Dinuba,on\n");
  const std::string ndjson =
      folder_.write("rows.ndjson", "{\"id\":2,\"city\":\"Selma\",\"status\":\"off\"}\n");
  const std::string changes = folder_.write("changes.csv", "op,id,city,status\ndelete,2,,\n");
  ASSERT_EQ(::mkfifo(folder_.file("fifo").c_str(), 0600), 0);
  const std::vector<std::vector<std::string>> one = {{"1", "Dinuba", "on"}};
  const std::vector<std::vector<std::string>> two = {{"2", "Selma", "off"}};
  const std::string to = "weir push --source OUT ";
  const std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>> cases = {
      {"cat " + csv + " | " + to + "--csv /dev/stdin", one},
      {"cat " + ndjson + " | " + to + "--ndjson -", two},
      {"cat " + csv + " | " + to + "--csv -", one},
      {to + "--ndjson <(cat " + ndjson + ")", two},
      {to + "--csv - < " + csv, one},
      {to + "--ndjson /dev/stdin < " + ndjson, two},
      {"gzip -c " + csv + " | zcat | " + to + "--csv - --json", one},
      {"(sed 1q; " + to + "--csv <(echo id,city,status; echo 2,Selma,off)) < " + csv, two},
      {"cat " + csv + " > " + folder_.file("fifo") + " & " + to + "--csv " + folder_.file("fifo"),
       one}};
  for (const auto& [line, wanted] : cases) {
    const Finished pushed = shell(line);
    EXPECT_EQ(pushed.exit_code, 0) << line << pushed.err;
    EXPECT_EQ(rows(), wanted) << line;
  }
  EXPECT_EQ(
      shell("cat " + ndjson + " | weir diff --source OUT --ndjson - --exit-code").exit_code != 0,
      true);
  EXPECT_EQ(shell("cat " + ndjson + " | " + to + "--ndjson -").exit_code, 0);
  EXPECT_EQ(shell("cat " + changes + " | weir apply --source OUT --changes -").exit_code, 0);
  EXPECT_TRUE(rows().empty());
}

TEST_F(CliInputTest, IsEndedByASignalWhileItWaitsForInput) {
  int ends[2] = {};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = testing::start(
      command({"push", "--source", "OUT", "--csv",
               "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(ends[0])}),
      environment_, folder_.file("out"), folder_.file("err"));
  const std::string status = "/proc/" + std::to_string(child) + "/status";
  const auto threads = [&] {
    std::ifstream file(status);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
    }
    return 0;
  };
  while (threads() < 2) std::this_thread::yield();
  ::kill(child, SIGTERM);
  int ended = 0;
  ::waitpid(child, &ended, 0);
  EXPECT_EQ(WEXITSTATUS(ended), 128 + SIGTERM);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(CliInputTest, EmptiesADataSourceByAnEmptyFileWhereThatIsMeant) {
  for (const std::string name : {"rows.csv", "rows.ndjson"}) {
    for (const std::string empty : {"", "\n\n"}) {
      ASSERT_EQ(push("some.csv", "id,city,status\n1,a,b\n").exit_code, 0);
      const Finished refused = push(name, empty);
      EXPECT_EQ(refused.exit_code, 1);
      EXPECT_THAT(refused.err, HasSubstr("--allow-empty"));
      EXPECT_EQ(rows().size(), 1U);
      const Finished emptied = push(name, empty, {"--allow-empty"});
      EXPECT_EQ(emptied.exit_code, 0) << emptied.err;
      EXPECT_TRUE(rows().empty());
    }
  }
  ASSERT_EQ(push("some.csv", "id,city,status\n1,a,b\n").exit_code, 0);
  EXPECT_EQ(push("rows.csv", "id,city,status\n", {"--allow-empty"}).exit_code, 0);
  EXPECT_TRUE(rows().empty());
}

TEST_F(CliInputTest, TakesDelimitersAndEncodings) {
  EXPECT_EQ(push("rows.csv",
                 "id;city;status\n1;M\xFC"
                 "nchen;on\n",
                 {"--delimiter", ";", "--encoding", "latin1"})
                .exit_code,
            0);
  EXPECT_EQ(rows().at(0).at(1), "München");
  EXPECT_THAT(push("rows.csv", "id;city;status\n1;a;on\n").err, HasSubstr("give --delimiter ';'"));
  EXPECT_THAT(push("rows.csv",
                   "id,city,status\n1,M\xFC"
                   "nchen,on\n")
                  .err,
              HasSubstr("--encoding latin1"));
  EXPECT_EQ(
      push("rows.csv", "id,city,status,\n1,a,b,\n", {"--columns", "id,city,status"}).exit_code, 0);
  EXPECT_EQ(push("rows.csv", "id,a,b\n1,a,b\n", {"--delimiter", "xx"}).exit_code, 2);
  EXPECT_EQ(push("rows.csv", "id,a,b\n1,a,b\n", {"--encoding", "xx"}).exit_code, 2);
}

// A file cut at every byte: what would delete more than a tenth is refused, and what is refused
// changes nothing.
TEST_F(CliInputTest, RefusesAFileThatWasCutOff) {
  const std::string whole = lines(40);
  ASSERT_EQ(push("rows.csv", whole).exit_code, 0);
  for (const std::size_t cut : {1UL, 2UL, 3UL, 15UL, 16UL, 20UL, 100UL, 300UL}) {
    const std::string content = whole.substr(0, whole.size() - cut);
    const Finished pushed = push("rows.csv", content, {"--dry-run"});
    const std::size_t left = (content.size() - 15) / 15;
    if (content.ends_with('\n') || left >= 36) {
      EXPECT_TRUE(pushed.exit_code == 0 || pushed.err.find("cells") != std::string::npos)
          << cut << pushed.err;
    } else {
      EXPECT_EQ(pushed.exit_code, 1) << cut;
      EXPECT_THAT(pushed.err, ::testing::AnyOf(HasSubstr("cut off"), HasSubstr("cells")));
    }
  }
  const std::string half = whole.substr(0, 15 + 15 * 20 - 2);
  const Finished refused = push("rows.csv", half);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("rows.csv, line 21: the file ends without a line break"));
  EXPECT_THAT(refused.err, HasSubstr("20 rows"));
  EXPECT_THAT(refused.err, HasSubstr("--allow-cut-off"));
  EXPECT_EQ(rows().size(), 40U);
  const Finished few = push("rows.csv", whole.substr(0, whole.size() - 16));
  EXPECT_EQ(few.exit_code, 0) << few.err;
  EXPECT_THAT(few.err, HasSubstr("ends without a line break"));
  EXPECT_EQ(push("rows.csv", half, {"--allow-cut-off"}).exit_code, 0);
  EXPECT_EQ(rows().size(), 20U);
  EXPECT_EQ(push("rows.csv", half).exit_code, 0) << "nothing is deleted";
}

TEST_F(CliInputTest, RefusesAFileThatWasCutOffWhateverElseIsSaid) {
  const std::string whole = lines(40);
  const std::string half = whole.substr(0, 15 + 15 * 30 - 2);
  ASSERT_EQ(push("rows.csv", whole).exit_code, 0);
  const Finished replaced = push("rows.csv", half, {"--replace"});
  EXPECT_EQ(replaced.exit_code, 1) << replaced.out;
  EXPECT_THAT(replaced.err, HasSubstr("--allow-cut-off"));
  EXPECT_EQ(rows().size(), 40U);
  const Finished adopted =
      push("rows.csv", half, {"--first", "adopt", "--store", folder_.file("new.db")});
  EXPECT_EQ(adopted.exit_code, 1) << adopted.out;
  EXPECT_THAT(adopted.err, HasSubstr("--allow-cut-off"));
  EXPECT_EQ(rows().size(), 40U);
  EXPECT_EQ(push("rows.csv", half,
                 {"--first", "adopt", "--allow-cut-off", "--store", folder_.file("new.db")})
                .exit_code,
            0);
  EXPECT_EQ(rows().size(), 30U);
}

// JSON has no order, so a writer may give any.
TEST_F(CliInputTest, NdjsonKeepsTheOrderOfTheKnownColumnsWithReplaceToo) {
  ASSERT_EQ(push("rows.ndjson", "{\"id\":\"1\",\"city\":\"a\",\"status\":\"on\"}\n").exit_code, 0);
  const Finished replaced =
      push("rows.ndjson", "{\"status\":\"off\",\"city\":\"b\",\"id\":\"1\"}\n", {"--replace"});
  EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_THAT(rows(), ::testing::ElementsAre(mock::Row{"1", "b", "off"}));
  const Finished other_key =
      push("rows.ndjson", "{\"uid\":\"1\",\"city\":\"b\",\"status\":\"x\"}\n", {"--replace"});
  EXPECT_EQ(other_key.exit_code, 1);
  EXPECT_THAT(other_key.err, HasSubstr("'id', which has been the key; say with --key"));
  EXPECT_EQ(push("rows.ndjson", "{\"city\":\"b\",\"status\":\"x\",\"uid\":\"2\"}\n",
                 {"--replace", "--key", "uid"})
                .exit_code,
            0);
  EXPECT_THAT(rows(), ::testing::ElementsAre(mock::Row{"2", "b", "x"}));
}

TEST_F(CliInputTest, TakesTheMembersOfObjectsInWhateverOrder) {
  ASSERT_EQ(push("rows.csv", "id,city,status\n1,a,on\n").exit_code, 0);
  const Finished pushed = push("rows.ndjson", "{\"status\":\"off\",\"id\":1,\"city\":\"b\"}\n");
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  EXPECT_EQ(rows(), (std::vector<std::vector<std::string>>{{"1", "b", "off"}}));
  const Finished compared =
      weir({"diff", "--source", "OUT", "--ndjson", folder_.file("rows.ndjson"), "--exit-code"});
  EXPECT_EQ(compared.exit_code, 0) << compared.out << compared.err;
  const Finished fewer = push("rows.ndjson", "{\"city\":\"b\",\"id\":1}\n");
  EXPECT_EQ(fewer.exit_code, 1);
  EXPECT_THAT(fewer.err, HasSubstr("there is no column 'status' in any record"));
}

TEST_F(CliInputTest, SaysWhatItGuessesOfChangesWhenTheStoreKnowsNoColumns) {
  const auto apply = [&](const std::string& content, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"apply", "--source", "OUT", "--changes",
                                      folder_.write("c.ndjson", content)};
    words.insert(words.end(), more.begin(), more.end());
    return weir(words);
  };
  const std::string row = "{\"op\":\"upsert\",\"id\":5,\"city\":\"a\",\"status\":\"on\"}\n";
  const Finished sparse = apply(row + "{\"op\":\"upsert\",\"id\":6,\"city\":\"a\"}\n");
  EXPECT_EQ(sparse.exit_code, 1);
  EXPECT_THAT(sparse.err, HasSubstr("line 2: there is no 'status', which the first upsert has"));
  EXPECT_TRUE(rows().empty());
  EXPECT_THAT(apply("{\"op\":\"delete\",\"id\":7}\n").err, HasSubstr("the key is 'id'"));
  const Finished applied = apply(row);
  EXPECT_EQ(applied.exit_code, 0) << applied.err;
  EXPECT_THAT(applied.err, HasSubstr("the key is 'id', then 'city', 'status' (--key names"));
  EXPECT_THAT(apply(row).err, Not(HasSubstr("the key is"))) << "now it is known";
}

// A column of the wrong name cannot be told, but the cells of all files go the same way.
TEST_F(CliInputTest, TheFirstChangesNameTheColumnsOfAllThatFollow) {
  const auto apply = [&](const std::string& name, const std::string& content) {
    return weir({"apply", "--source", "OUT", "--changes", folder_.write(name, content)});
  };
  const Finished first = apply("a.csv", "op,id,city,status\nupsert,1,Ulm,on\n");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("a.csv the key is 'id', then 'city', 'status'"));
  EXPECT_EQ(apply("b.csv", "op,status,city,id\nupsert,off,Bonn,2\n").exit_code, 0);
  const std::string object = "{\"status\":\"on\",\"op\":\"upsert\",\"city\":\"Kiel\",\"id\":\"1\"}";
  EXPECT_EQ(apply("c.ndjson", object).exit_code, 0);
  using Rows = std::vector<std::vector<std::string>>;
  EXPECT_EQ(rows(), (Rows{{"1", "Kiel", "on"}, {"2", "Bonn", "off"}}));
  const Finished other = apply("d.csv", "op,id,town,status\nupsert,1,Ulm,on\n");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err,
              HasSubstr("earlier changes: id, city, status; if those were wrong, a weir"));

  EXPECT_EQ(push("rows.csv", "id,status,city\n1,on,Ulm\n").exit_code, 0) << "it names them anew";
  EXPECT_EQ(rows(), (Rows{{"1", "on", "Ulm"}}));
  EXPECT_EQ(apply("b.csv", "op,city,status,id\nupsert,Bonn,off,2\n").exit_code, 0);
  EXPECT_EQ(rows(), (Rows{{"1", "on", "Ulm"}, {"2", "off", "Bonn"}}));
  EXPECT_EQ(push("rows.csv", "id,city,status\n1,on,Ulm\n").exit_code, 1) << "for good";
}

TEST_F(CliInputTest, TellsHowChangesInAnOldEncodingAreRead) {
  const Finished refused =
      weir({"apply", "--source", "OUT", "--changes",
            folder_.write("a.csv", "op,id,city,status\nupsert,1,K\xF6ln,on\n")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("line 2: "));
  EXPECT_THAT(refused.err, HasSubstr("--encoding latin1 or windows-1252 reads"));
}

// What a file has in it would clear the screen, or fill it.
TEST_F(CliInputTest, ShowsForeignWordsAsTextThatSteersNothing) {
  const std::string name = "\x1B[2J\u202E" + std::string(100'000, 'x');
  for (const Finished& refused :
       {push("rows.csv", "id," + name + "," + name + "\n"),
        push("rows.csv", "id,city,status\n" + name + ",a,b\n" + name + ",a,b\n"),
        push("rows.csv", "id,city,status\n", {"--columns", "id," + name}),
        push("rows.ndjson", "{\"\\u001b[2J\":{}}\n")}) {
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_EQ(refused.err.find('\x1B'), std::string::npos);
    EXPECT_EQ(refused.err.find("\u202E"), std::string::npos);
    EXPECT_LT(refused.err.size(), 5'000U);
  }
}

// The last row may be a half one, and nothing else in the file tells.
TEST_F(CliInputTest, TellsWhenALastLineHasNoEnd) {
  const Finished pushed = push("rows.csv", "id,city,status\n1,a,o");
  EXPECT_EQ(pushed.exit_code, 0);
  EXPECT_THAT(pushed.err, HasSubstr("rows.csv, line 2: the file ends without a line break"));
  EXPECT_THAT(push("rows.ndjson", "{\"id\":1,\"city\":2,\"status\":3}").err,
              ::testing::Not(HasSubstr("line break")))
      << "an object shows that it is whole";
  const Finished applied = weir({"apply", "--source", "OUT", "--changes",
                                 folder_.write("changes.csv", "op,id,city,status\nupsert,1,a,o")});
  EXPECT_EQ(applied.exit_code, 0);
  EXPECT_THAT(applied.err, HasSubstr("changes.csv, line 2: the file ends without a line break"));
}

// A container whose own file system is read-only, with the store on a volume.
TEST_F(CliInputTest, NeedsNoFolderForTemporaryFiles) {
  const std::string push = "weir push --source OUT --csv - < ";
  const std::string many = folder_.write("many.csv", lines(20'000));
  environment_["TMPDIR"] = "/no/such/folder";
  EXPECT_EQ(shell(push + many).exit_code, 0);
  EXPECT_EQ(rows().size(), 20'000U);
  const std::string set_up = "mount --bind " + folder_.path().string() +
                             " /mnt && mount -t tmpfs -o ro none /tmp && mount -t tmpfs -o ro none "
                             "/var/tmp";
  const std::string inside = "unshare --mount --map-root-user /bin/sh -c '" + set_up;
  if (shell(inside + "'").exit_code != 0) GTEST_SKIP() << "this system gives no mount namespace";
  folder_.write("few.csv", lines(3));
  // The command may itself lie below /tmp.
  ASSERT_EQ(shell("cp \"$WEIR\" " + folder_.file("command")).exit_code, 0);
  environment_["WEIR_STORE"] = "/mnt/weir.db";
  for (const auto& [name, count] : {std::pair{"few.csv", 3U}, std::pair{"many.csv", 20'000U}}) {
    const Finished pushed = shell(inside + " && ! touch /tmp/x 2>/dev/null && cat /mnt/" + name +
                                  " | /mnt/command push --source OUT --max-deletes 100% --csv -'");
    EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
    EXPECT_EQ(rows().size(), count);
  }
}

// Numbers that nobody could read are no success.
TEST_F(CliInputTest, FailsWhenItsOutputCannotBeWritten) {
  folder_.write("rows.csv", "id,city,status\n1,a,b\n");
  folder_.write("changes.csv", "op,id,city,status\nupsert,2,a,b\n");
  folder_.write("trace.csv", "time_ms,src,op,id,city\n1707120060000,A,upsert,1,x\n");
  const std::string rows_file = folder_.file("rows.csv");
  for (const std::string& verb :
       {"push --source OUT --csv " + rows_file, "push --dry-run --source OUT --csv " + rows_file,
        "diff --source OUT --csv " + rows_file,
        "apply --source OUT --changes " + folder_.file("changes.csv"), std::string("usage"),
        std::string("outbox list"), std::string("outbox send"), std::string("advise"),
        "simulate --source-column src --key-column id --time-zone UTC --calls-per-day 10 "
        "--changes " +
            folder_.file("trace.csv")}) {
    for (const std::string json : {"", " --json"}) {
      const Finished finished = shell("weir " + verb + json + " > /dev/full");
      EXPECT_EQ(finished.exit_code, 1) << verb << finished.err;
      EXPECT_THAT(finished.err, HasSubstr("cannot write to standard output: No space left"));
    }
  }
  EXPECT_EQ(rows().size(), 2U) << "what was sent stays sent";
}

}  // namespace
}  // namespace weir
