// What the real weir command writes: files that it replaces, files that are none, and an output
// that takes nothing more.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli_played_fixture.h"

namespace weir {
namespace {

using testing::Finished;
using testing::has;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class CliOutputsTest : public testing::PlayedCliTest {
 protected:
  // Each command that writes a whole file, with the place of the file last.
  std::vector<std::vector<std::string>> writers() const {
    return {{"download", "--entry", "e", "--file", "x.bin", "--wait", "0", "--to"},
            {"call", "GET", "/api/v2/user/search", "--wait", "5", "--to"},
            {"doctor", "--config", folder_.file("weir.toml"), "--bundle"}};
  }
  Finished write_to(std::vector<std::string> words, const std::string& place) {
    words.push_back(place);
    return weir(words);
  }
};

TEST_F(CliOutputsTest, LeavesWhatIsNoPlainFile) {
  for (const std::vector<std::string>& writer : writers()) {
    const std::string pipe = folder_.file("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const std::string device = folder_.file("device");
    if (::mknod(device.c_str(), S_IFCHR | 0600, ::makedev(1, 3)) != 0)
      std::filesystem::create_directory(device);  // whoever may make no device
    const std::string way_round = folder_.file("way-round");
    ASSERT_EQ(::symlink(pipe.c_str(), way_round.c_str()), 0);
    const std::string circle = folder_.file("circle");
    ASSERT_EQ(::symlink(circle.c_str(), circle.c_str()), 0);
    const int before = platform_.requests();
    for (const std::string& place : {way_round, pipe, device, circle}) {
      const auto kind = std::filesystem::symlink_status(place).type();
      const Finished refused = write_to(writer, place);
      EXPECT_EQ(refused.exit_code, 1) << writer.front() << " " << place;
      EXPECT_TRUE(has(refused.err, place)) << refused.err;
      EXPECT_EQ(std::filesystem::symlink_status(place).type(), kind) << place;
      EXPECT_FALSE(std::filesystem::exists(place + ".part"));
      std::filesystem::remove(place);
    }
    EXPECT_EQ(platform_.requests(), before) << "it is looked at before anything is asked for";
  }
}

TEST_F(CliOutputsTest, WritesToWhereALinkLeads) {
  answer(200, "{\"a\":1}");
  for (const std::vector<std::string>& writer : writers()) {
    std::filesystem::create_directory(folder_.file("there"));
    const std::string target = folder_.write("there/target", "old");
    const std::string link = folder_.file("link");
    ASSERT_EQ(::symlink("there/target", link.c_str()), 0);
    EXPECT_EQ(write_to(writer, link).exit_code, 0) << writer.front();
    EXPECT_TRUE(std::filesystem::is_symlink(link)) << writer.front();
    EXPECT_NE(content_of(target), "old") << writer.front();
    std::filesystem::remove_all(folder_.file("there"));
    EXPECT_NE(write_to(writer, link).exit_code, 0) << "its folder is gone";
    std::filesystem::create_directory(folder_.file("there"));
    EXPECT_EQ(write_to(writer, link).exit_code, 0) << writer.front();
    EXPECT_TRUE(std::filesystem::exists(target)) << "a link to what is not there yet";
    std::filesystem::remove_all(folder_.file("there"));
    std::filesystem::remove(link);
  }
}

// Many commands take it for standard output; here it would be a file of that name.
TEST_F(CliOutputsTest, RefusesADashForAFile) {
  std::vector<std::vector<std::string>> all = writers();
  all.push_back({"poll", "--form", "F", "--to"});
  all.push_back(
      {"simulate", "--changes", "c", "--source-column", "s", "--key-column", "k", "--schedule"});
  all.push_back(
      {"simulate", "--changes", "c", "--source-column", "s", "--key-column", "k", "--plot"});
  for (const std::vector<std::string>& writer : all) {
    const Finished refused = write_to(writer, "-");
    EXPECT_EQ(refused.exit_code, 2) << writer.front();
    EXPECT_TRUE(has(refused.err, writer.back() + " takes a file")) << refused.err;
    EXPECT_FALSE(std::filesystem::exists("-"));
  }
}

TEST_F(CliOutputsTest, WritesOverNothingOfItsOwn) {
  std::filesystem::create_directory(folder_.file("state"));
  const std::string settings = folder_.write(
      "weir.toml",
      "store = 'own.db'\nintegration_key_file = 'key'\n[daemon]\nstate_directory = 'state'\n"
      "include = 'more/*.toml'\n[notify]\nwebhook = 'https://h'\nsecret_file = 'hook'\n");
  std::filesystem::create_directory(folder_.file("more"));
  ASSERT_EQ(::symlink("state/own.db", folder_.file("link").c_str()), 0);
  environment_.erase("WEIR_STORE");
  const auto each = [&](const std::vector<std::string>& files, const std::string& store) {
    if (store.empty()) {
      environment_.erase("WEIR_STORE");
    } else {
      environment_["WEIR_STORE"] = store;
    }
    for (std::vector<std::string> writer : writers()) {
      const std::string last = writer.back();
      if (writer.front() != "doctor") writer.insert(writer.end() - 1, {"--config", settings});
      for (const std::string& file : files) {
        const std::string place = folder_.write(file, "precious");
        const Finished refused = write_to(writer, place);
        EXPECT_EQ(refused.exit_code, 2) << writer.front() << " " << file << refused.err;
        EXPECT_TRUE(has(refused.err, last + " is " + place)) << refused.err;
        EXPECT_EQ(content_of(place), "precious") << writer.front() << " " << file;
      }
    }
  };
  const std::string text = content_of(settings);
  each({"state/own.db", "state/own.db-wal", "state/own.db.lock", "state/own.db.seen",
        "state/own.db.ballast", "key", "hook", "state/notify.json", "state/daemon.lock"},
       "");
  each({"other.db", "other.db-wal"}, folder_.file("other.db"));
  environment_.erase("WEIR_STORE");
  folder_.write("state/own.db", "precious");
  for (std::vector<std::string> writer : writers()) {
    if (writer.front() != "doctor") writer.insert(writer.end() - 1, {"--config", settings});
    EXPECT_EQ(write_to(writer, folder_.file("link")).exit_code, 2) << writer.front();
    EXPECT_EQ(write_to(writer, settings).exit_code, 2) << writer.front();
  }
  EXPECT_EQ(content_of(folder_.file("state/own.db")), "precious");
  EXPECT_EQ(content_of(settings), text);
  EXPECT_EQ(platform_.requests(), 0);
}

TEST_F(CliOutputsTest, WritesOverNothingThatItReads) {
  const std::vector<std::string> simulation = {"simulate",
                                               "--changes",
                                               folder_.write("c.csv", "precious"),
                                               "--initial",
                                               folder_.write("i.csv", "precious"),
                                               "--source-column",
                                               "s",
                                               "--key-column",
                                               "k"};
  for (const std::string flag : {"--schedule", "--plot"}) {
    for (const std::string file : {"c.csv", "i.csv"}) {
      std::vector<std::string> words = simulation;
      words.push_back(flag);
      const Finished refused = write_to(words, folder_.file(file));
      EXPECT_EQ(refused.exit_code, 2) << refused.err;
      EXPECT_TRUE(has(refused.err, flag + " is ")) << refused.err;
      EXPECT_EQ(content_of(folder_.file(file)), "precious") << flag;
    }
  }
  std::vector<std::string> twice = simulation;
  const std::string one = folder_.file("one");
  twice.insert(twice.end(), {"--schedule", one, "--plot"});
  EXPECT_EQ(write_to(twice, one).exit_code, 2);
  const std::string body = folder_.write("body.json", "{}");
  EXPECT_EQ(weir({"call", "POST", "/api/v2/x", "--body", body, "--to", body}).exit_code, 2);
  EXPECT_EQ(content_of(body), "{}");
  // The name of a form entry's file is of whoever filled the form in.
  const Finished named = weir_in(folder_.path().string(), "download --entry e --file weir.db");
  EXPECT_EQ(named.exit_code, 2) << named.err;
}

struct NoFile {
  std::string name;
  std::string body;
  std::string headers;
};

TEST_F(CliOutputsTest, TakesNoFailureForAFile) {
  const std::string page = "<!DOCTYPE html><title>Sign in</title>";
  const std::string html = "Content-Type: text/html; charset=utf-8\r\n";
  const std::vector<NoFile> answers = {
      {"f.jpg", page, html},
      {"f.jpg", page, ""},
      {"f.jpg", " \r\n<HTML><body>Guest access</body></HTML>", ""},
      {"f.jpg", "\xEF\xBB\xBF<!doctype html>", "Content-Type: image/jpeg\r\n"},
      {"f.json", page, html},
      {"f", page, html},
      {"f.jpg", R"({"ResponseStatus":{"ErrorCode":"NotFound"}})",
       "Content-Type: application/json\r\n"},
      {"f.pdf", R"({"ResponseStatus":{"ErrorCode":"E","Message":"words"}})", ""},
      {"f.html", R"({"ResponseStatus":{"ErrorCode":"E","Message":"words"}})", ""},
      {"f.jpg", R"({"Success":false,"Error":"boom"})", ""}};
  for (const NoFile& no_file : answers) {
    const std::string place = folder_.write("kept", "the old file");
    answer(200, no_file.body, no_file.headers);
    const Finished refused =
        weir({"download", "--entry", "e", "--file", no_file.name, "--to", place, "--wait", "0"});
    EXPECT_EQ(refused.exit_code, 6) << no_file.name << no_file.body << refused.err;
    EXPECT_EQ(content_of(place), "the old file") << no_file.body;
    EXPECT_FALSE(std::filesystem::exists(place + ".part")) << no_file.body;
  }
}

TEST_F(CliOutputsTest, TakesAFileThatOnlyLooksLikeOne) {
  const std::string page = "<!DOCTYPE html><title>A form</title>";
  const std::string long_list =
      "{\"ResponseStatus\":{\"ErrorCode\":\"E\"},\"x\":\"" + std::string(100'000, 'x') + "\"}";
  const std::vector<NoFile> files = {{"f.html", page, "Content-Type: text/html\r\n"},
                                     {"F.HTM", page, ""},
                                     {"f.json", R"({"ResponseStatus":{"ErrorCode":"E"}})", ""},
                                     {"f.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", ""},
                                     {"f.xml", "<?xml version=\"1.0\"?><a/>", ""},
                                     {"f.txt", "{", ""},
                                     {"f.txt", R"({"ErrorCode":"none of the platform"})", ""},
                                     {"f.txt", "  ", ""},
                                     {"f.txt", long_list, ""},
                                     {"f.csv", "a,b\n", ""},
                                     {"f.bin", std::string("\xEF\xBB\xBF<\0x", 6), ""},
                                     {"f.empty", "", ""}};
  for (const NoFile& file : files) {
    const std::string place = folder_.file("fetched");
    answer(200, file.body, file.headers);
    const Finished done =
        weir({"download", "--entry", "e", "--file", file.name, "--to", place, "--wait", "0"});
    EXPECT_EQ(done.exit_code, 0) << file.name << done.err;
    EXPECT_EQ(content_of(place), file.body) << file.name;
    std::filesystem::remove(place);
  }
}

// The errno of something else would send people the wrong way.
TEST_F(CliOutputsTest, NamesNoReasonForAnOutputThatItDoesNotKnow) {
  answer(200, "{\"rows\":\"" + std::string(100'000, 'x') + "\"}");
  for (const std::string words : {"call GET /api/v2/user/search", "help", "help man"}) {
    const Finished full = weir_in(folder_.path().string(), words + " >/dev/full");
    EXPECT_NE(full.exit_code, 0) << words;
    EXPECT_TRUE(has(full.err, "weir: cannot write to standard output")) << full.err;
    EXPECT_FALSE(has(full.err, "No such file")) << full.err;
  }
}

// A limit to the size of files (ulimit -f) ends nothing by a signal.
TEST_F(CliOutputsTest, TakesALimitToTheSizeOfFilesForAFullStore) {
  std::string csv = "id,city,status\n";
  for (int i = 0; i < 20'000; ++i) csv += std::to_string(i) + ",Dinuba,some words of a row\n";
  folder_.write("rows.csv", csv);
  const Finished limited =
      testing::run({"/bin/sh", "-c",
                    "cd '" + folder_.path().string() + "' && ulimit -f 200; exec '" +
                        std::string(WEIR_BINARIES) + "/weir' push --source S --csv rows.csv"},
                   environment_);
  EXPECT_EQ(limited.exit_code, 8) << limited.err;
  EXPECT_EQ(platform_.requests(), 0);
}

}  // namespace
}  // namespace weir
