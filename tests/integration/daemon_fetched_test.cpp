// What commands and web servers hand over whole.
#include <httplib.h>

#include <thread>

#include "daemon_source_fixture.h"

namespace weir::daemon {
namespace {

class DaemonCommandTest : public SourceTaskTest {
 protected:
  SourceConfig shell(const std::string& script, FileKind kind = FileKind::kCsv) {
    return {.origin = CommandOrigin{.command = {"/bin/sh", "-c", script},
                                    .kind = kind,
                                    .schedule = {.every = 10min},
                                    .timeout = 20s},
            .guards = {.first = FirstPublish::kReplace}};
  }
};

TEST_F(DaemonCommandTest, ItsOutputIsTheTable) {
  make(shell("echo id,label; echo 1,$WEIR_SOURCE"));
  EXPECT_EQ(turn(), clock_->now() + 10min);
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "OUTAGES"}));
}

TEST_F(DaemonCommandTest, OfAFailureNothingIsPublished) {
  make(shell("echo id,label; echo 1,a; echo no such table >&2; exit 3"));
  turn();
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("no such table"));
  EXPECT_THAT(status().error, HasSubstr("3"));
}

TEST_F(DaemonCommandTest, IsTriedAgainBeforeItsTimeAndNotAtOnce) {
  make(shell("echo x >> " + folder_.file("runs") + "; exit 1"));
  const auto runs = [&] { return std::filesystem::file_size(folder_.file("runs")) / 2; };
  EXPECT_EQ(turn(), clock_->now() + 10s);
  EXPECT_EQ(turn(), clock_->now() + 10s);
  EXPECT_EQ(runs(), 1U);
  clock_->advance(10s);
  EXPECT_EQ(turn(), clock_->now() + 20s);
  EXPECT_EQ(runs(), 2U);
}

TEST_F(DaemonCommandTest, MayHandOverObjectsOrADocument) {
  make(shell(R"(echo '{"id":"1","label":"a"}')", FileKind::kNdjson));
  turn();
  EXPECT_EQ(waiting(), 1);
  make(shell(R"(echo '[{"id":"1","label":"a"},{"id":"2","label":{"x":1}}]')", FileKind::kJson));
  turn();
  send();
  EXPECT_THAT(rows(), UnorderedElementsAre(Row{"1", "a"}, Row{"2", R"({"x":1})"}));
  SourceConfig within = shell(R"(echo '{"items":[{"id":"3","label":"c"}]}')", FileKind::kJson);
  std::get<CommandOrigin>(*within.origin).rows = "/items";
  make(within);
  turn();
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"3", "c"}));
}

TEST_F(DaemonCommandTest, AProgramThatIsNotThereIsTold) {
  SourceConfig config = shell("");
  std::get<CommandOrigin>(*config.origin).command = {"/no/such/program"};
  make(config);
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("/no/such/program"));
}

TEST_F(DaemonCommandTest, AProgramThatPrintsWithoutEndIsEndedBeforeTheDiskIsFull) {
  SourceConfig config = shell("exec cat /dev/zero");
  std::get<CommandOrigin>(*config.origin).timeout = 10min;  // of a slow disk
  make(config);
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("larger than 256 MiB"));
}

TEST_F(DaemonCommandTest, HasNoKeyInItsEnvironment) {
  ::setenv("WEIR_INTEGRATION_KEY", "CANARY-key", 1);
  make(shell("echo id,label; echo 1,$(env | grep -c CANARY)"));
  turn();
  ::unsetenv("WEIR_INTEGRATION_KEY");
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "0"}));
}

TEST_F(DaemonCommandTest, AnErrorNamesTheOutputAndNoFileOfOurs) {
  make(shell("echo id,label; echo 1"));
  turn();
  EXPECT_THAT(status().error, HasSubstr("the output of /bin/sh, line 2"));
  EXPECT_EQ(status().error.find("/proc/"), std::string::npos);
}

class DaemonHttpTest : public SourceTaskTest {
 protected:
  DaemonHttpTest() {
    web_.Get("/prices", [this](const httplib::Request& request, httplib::Response& response) {
      ++asked_;
      authorization_ = request.get_header_value("Authorization");
      query_ = request.target;
      if (request.get_header_value("If-None-Match") == etag_ && !etag_.empty()) {
        response.status = 304;
        return;
      }
      response.status = status_code_;
      response.set_header("ETag", etag_);
      if (status_code_ == 302) response.set_header("Location", "/other");
      response.set_content(body_, "application/json");
    });
    port_ = web_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { web_.listen_after_bind(); });
    // A server that does not run yet does not hear that it is to stop.
    while (!web_.is_running()) std::this_thread::yield();
  }
  ~DaemonHttpTest() override {
    if (thread_.joinable()) end_server();
  }

  void end_server() {
    web_.stop();
    thread_.join();
  }

  SourceConfig document(FileKind kind = FileKind::kJson, const std::string& rows = "/items") {
    return {.origin =
                HttpOrigin{
                    .url = "http://127.0.0.1:" + std::to_string(port_) + "/prices?a=b%20c&d",
                    .header = Secret::from_string("Authorization: Bearer CANARY-token", "the test"),
                    .kind = kind,
                    .rows = rows,
                    .schedule = {.every = 15min},
                    .timeout = 20s},
            .guards = {.first = FirstPublish::kReplace}};
  }

  httplib::Server web_;
  int port_ = 0;
  std::thread thread_;
  int asked_ = 0;
  int status_code_ = 200;
  std::string etag_ = "\"1\"";
  std::string body_ = R"({"items":[{"id":1,"label":"a"}]})";
  std::string authorization_;
  std::string query_;
};

TEST_F(DaemonHttpTest, AnErrorDoesNotRepeatWhatTheDocumentWasAskedWith) {
  for (const char* document_text : {"Bearer CANARY-token\n1\n", "token CANARY-token\n1\n"}) {
    body_ = document_text;
    make(document(FileKind::kCsv, ""));
    turn();
    EXPECT_EQ(status().state, TaskState::kFailing);
    EXPECT_EQ(status().error.find("CANARY"), std::string::npos) << status().error;
  }
}

TEST_F(DaemonHttpTest, TheDocumentIsTheTable) {
  make(document());
  EXPECT_EQ(turn(), clock_->now() + 15min);
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "a"}));
  EXPECT_EQ(authorization_, "Bearer CANARY-token");
  EXPECT_EQ(query_, "/prices?a=b%20c&d=");
}

TEST_F(DaemonHttpTest, IsFetchedAgainWhenItHasChanged) {
  make(document());
  turn();
  EXPECT_EQ(waiting(), 1);
  body_ = R"({"items":[{"id":1,"label":"a"},{"id":2,"label":"b"}]})";
  clock_->advance(15min);
  turn();
  EXPECT_EQ(waiting(), 1);
  EXPECT_EQ(status().state, TaskState::kWell);
  etag_ = "\"2\"";
  clock_->advance(15min);
  turn();
  EXPECT_EQ(waiting(), 2);
  EXPECT_EQ(asked_, 3);
}

TEST_F(DaemonHttpTest, OtherAnswersAreFailures) {
  make(document());
  turn();
  for (const auto& [code, words] : std::vector<std::pair<int, std::string>>{
           {302, "redirects"}, {401, "header_file"}, {404, "404"}, {500, "500"}, {204, "204"}}) {
    status_code_ = code;
    etag_ = "\"" + std::to_string(code) + "\"";
    clock_->advance(15min);
    turn();
    EXPECT_EQ(status().state, TaskState::kFailing) << code;
    EXPECT_THAT(status().error, HasSubstr(words));
    EXPECT_EQ(status().error.find("CANARY"), std::string::npos);
    EXPECT_EQ(status().error.find("b%20c"), std::string::npos);
  }
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonHttpTest, UnchangedIsNoAnswerToWhoHasNothing) {
  body_ = R"({"items":[{"id":1,"label":"a"}]})";
  status_code_ = 304;
  make(document());
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("answered 304"));
  EXPECT_EQ(waiting(), 0);
}

TEST_F(DaemonHttpTest, ACodingThatWasNotAskedForIsNamed) {
  web_.Get("/packed", [](const httplib::Request&, httplib::Response& response) {
    response.set_header("Content-Encoding", "br");
    response.set_content("\x0b\x02", "application/json");
  });
  SourceConfig packed = document();
  std::get<HttpOrigin>(*packed.origin).url =
      "http://127.0.0.1:" + std::to_string(port_) + "/packed";
  make(packed);
  turn();
  EXPECT_THAT(status().error, HasSubstr("in the coding br, which was not asked for"));
}

TEST_F(DaemonHttpTest, ABadDocumentIsAFailureAndIsFetchedAgain) {
  body_ = R"({"items":[{"id":1,)";
  make(document());
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("not valid JSON"));
  body_ = R"({"items":[{"id":1,"label":"a"}]})";
  clock_->advance(10s);
  turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonHttpTest, CsvAndNdjsonAreDocumentsToo) {
  body_ = "id,label\n1,a\n";
  make(document(FileKind::kCsv, ""));
  turn();
  EXPECT_EQ(waiting(), 1);
  body_ = "{\"id\":\"1\",\"label\":\"a\"}\n{\"id\":\"2\",\"label\":\"b\"}\n";
  make(document(FileKind::kNdjson, ""));
  turn();
  EXPECT_EQ(waiting(), 2);
}

TEST_F(DaemonHttpTest, AServerThatIsNotThereIsTold) {
  make(document());
  end_server();
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("no answer"));
}

TEST_F(DaemonHttpTest, PlainHttpToAnotherHostIsRefused) {
  SourceConfig config = document();
  config.id = "OUTAGES";
  std::get<HttpOrigin>(*config.origin).url = "http://erp.example.com/prices";
  EXPECT_EQ(make_source(parts(), config, watch_, {}).error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace weir::daemon
