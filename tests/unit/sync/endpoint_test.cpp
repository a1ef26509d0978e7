// What the service says over HTTP, without a server.
#include <gmock/gmock.h>
#include <weir/sync/sync_service.h>
#include <weir/testing/manual_clock.h>
#include <zlib.h>

#include "support/table_rows.h"
#include "support/temporary_store.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::TableRows;
using ::testing::UnorderedElementsAre;

constexpr const char* kQuestion =
    "/?ids=CODES&providerId=7&integrationkey=to%2Bken&email=a%40x.org";
constexpr const char* kAnswer =
    R"({"LastUpdated":"2026-03-02T08:00:00","DataSources":[{"Id":"CODES","Rows":[["A","open"],["B","say \"é\""]]}]})";

std::string unzipped(const std::string& bytes) {
  z_stream stream = {};
  inflateInit2(&stream, 15 + 16);  // a gzip file
  std::string text(bytes.size() * 1100 + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

class SyncEndpoint : public ::testing::Test {
 protected:
  void open(std::int64_t cache_bytes = 1 << 20) {
    service_.reset();
    Result<SyncService> service = SyncService::open(
        {.company_id = 7,
         .private_tokens = {Secret::from_string("to+ken", "a"), Secret::from_string("next", "b")},
         .store = store_.path(),
         .sources = {{.id = "CODES", .rows = codes_, .rule = UserRule::same_rows_for_all()},
                     {.id = "MORE", .rows = codes_, .rule = UserRule::same_rows_for_all()}},
         .cache_bytes = cache_bytes,
         .log = [this](LogLevel, std::string_view line) { log_ += std::string(line) + "\n"; },
         .clock = clock_});
    ASSERT_TRUE(service) << service.error().message;
    service_.emplace(std::move(*service));
  }
  void SetUp() override {
    codes_->set({{"A", "open"}, {"B", "say \"é\""}});
    open();
  }
  SyncHttpAnswer ask(std::string_view target, std::string_view encoding = "") {
    return service_->handle({.target = target, .accept_encoding = encoding});
  }
  std::string text(SyncHttpAnswer answer) { return answer.body->read_all().value(); }

  testing::TemporaryStore store_;
  std::shared_ptr<TableRows> codes_ =
      std::make_shared<TableRows>(std::vector<std::string>{"code", "text"});
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(
      std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 8h);
  std::optional<SyncService> service_;
  std::string log_;
};

TEST_F(SyncEndpoint, AnswersAsThePlatformDocumentsIt) {
  SyncHttpAnswer answer = ask(kQuestion);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body->size(), std::string(kAnswer).size());
  EXPECT_THAT(
      answer.headers,
      UnorderedElementsAre(Pair("Content-Type", "application/json; charset=utf-8"),
                           Pair("Cache-Control", "no-store"), Pair("Vary", "Accept-Encoding")));
  EXPECT_EQ(text(std::move(answer)), kAnswer);
}

TEST_F(SyncEndpoint, UnderstandsNamesInAnyCaseTheOtherPathAndOneId) {
  EXPECT_EQ(text(ask("/api/v2/datasources?ID=CODES&PROVIDERID=7&IntegrationKey=next&Email=a%40x.org"
                     "&LastUpdated=2020-01-01T00%3A00%3A00")),
            kAnswer);
}

TEST_F(SyncEndpoint, LeavesDataSourcesOutWhenNothingChanged) {
  text(ask(kQuestion));
  EXPECT_EQ(text(ask(std::string(kQuestion) + "&lastupdated=2026-03-02T08:00:00", "gzip")),
            R"({"LastUpdated":"2026-03-02T08:00:00"})");
}

TEST_F(SyncEndpoint, TellsDeletedAndNewRows) {
  text(ask(kQuestion));
  clock_->advance(1s);
  codes_->set({{"A", "open"}, {"C", "x\ty\x01"}});
  EXPECT_EQ(
      text(ask(std::string(kQuestion) + "&lastupdated=2026-03-02T08:00:00")),
      R"({"LastUpdated":"2026-03-02T08:00:01","DataSources":[{"Id":"CODES","DeletedRows":[["B"]],"NewRows":[["C","x\ty\u0001"]]}]})");
  clock_->advance(1s);
  codes_->set({{"A", "open"}});
  EXPECT_EQ(
      text(ask(std::string(kQuestion) + "&lastupdated=2026-03-02T08:00:01")),
      R"({"LastUpdated":"2026-03-02T08:00:02","DataSources":[{"Id":"CODES","DeletedRows":[["C"]]}]})");
}

TEST_F(SyncEndpoint, AnItemOfLastUpdatedsWinsEvenWhenItIsEmpty) {
  text(ask(kQuestion));
  clock_->advance(1s);
  const std::string both =
      "/?ids=CODES,MORE&providerid=7&integrationkey=next&lastupdated=2026-03-02T08:00:00";
  text(ask(both + "&lastupdateds=,"));
  EXPECT_THAT(text(ask(both + "&lastupdateds=,2026-03-02T08:00:01")),
              HasSubstr(R"("DataSources":[{"Id":"CODES","Rows":[["A")"));
  EXPECT_EQ(text(ask(both + "&lastupdateds=2026-03-02T08:00:01,2026-03-02T08:00:01")),
            R"({"LastUpdated":"2026-03-02T08:00:01"})");
}

TEST_F(SyncEndpoint, GzipHasTheSameText) {
  for (const std::string_view target :
       {kQuestion, "/?ids=CODES,MORE&providerid=7&integrationkey=next"}) {
    const std::string plain = text(ask(target));
    SyncHttpAnswer answer = ask(target, "deflate, GZIP;q=0.5");
    EXPECT_THAT(answer.headers, ::testing::Contains(Pair("Content-Encoding", "gzip")));
    const std::uint64_t size = answer.body->size().value();
    const std::string bytes = text(std::move(answer));
    EXPECT_EQ(bytes.size(), size);
    EXPECT_EQ(unzipped(bytes), plain);
  }
  EXPECT_THAT(text(ask(kQuestion, "gzip;q=0, br")), HasSubstr(R"([["A","open"],)"));
}

TEST_F(SyncEndpoint, MakesAnAnswerThatIsTooLargeToKeepWhileItIsSent) {
  std::vector<Row> rows;
  for (int i = 0; i < 5000; ++i)
    rows.push_back({"key " + std::to_string(i), "text " + std::to_string(i * 7919 % 5000)});
  codes_->set(rows);
  const std::string kept = text(ask(kQuestion));
  open(4000);
  SyncHttpAnswer plain = ask(kQuestion);
  EXPECT_FALSE(plain.body->size());
  EXPECT_EQ(text(std::move(plain)), kept);
  EXPECT_EQ(unzipped(text(ask(kQuestion, "gzip"))), kept);
}

TEST_F(SyncEndpoint, AnAnswerUnderWayKeepsToItsEdition) {
  std::vector<Row> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back({std::to_string(i), "before"});
  codes_->set(rows);
  open(4000);
  SyncHttpAnswer answer = ask(kQuestion);
  std::string body(answer.body->next().value());
  for (Row& row : rows) row[1] = "after";
  codes_->set(rows);
  text(ask(kQuestion));
  body += answer.body->read_all().value();
  EXPECT_EQ(body.find("after"), std::string::npos);
  EXPECT_THAT(body, HasSubstr(R"(["2999","before"]]}]})"));
}

TEST_F(SyncEndpoint, RefusesAlikeWhateverIsWrong) {
  const std::string refused = text(ask("/?ids=CODES&providerId=7&integrationkey=wrong"));
  for (const char* target : {"/?ids=CODES&providerId=8&integrationkey=next",
                             "/?ids=NONE&providerId=7&integrationkey=next",
                             "/?ids=CODES,NONE&providerId=7&integrationkey=next",
                             "/?ids=CODES&integrationkey=next", "/?ids=CODES&providerId=7"}) {
    SyncHttpAnswer answer = ask(target);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(text(std::move(answer)), refused);
  }
}

TEST_F(SyncEndpoint, RefusesWhatIsNoQuestion) {
  EXPECT_EQ(ask("/?providerId=7&integrationkey=next").status, 400);
  EXPECT_EQ(ask("/?ids=%zz").status, 400);
  EXPECT_EQ(ask("/nothing?ids=CODES").status, 404);
  EXPECT_EQ(service_->handle({.method = "POST", .target = kQuestion}).status, 405);
}

TEST_F(SyncEndpoint, FailsWithoutTellingWhyAndLogsIt) {
  codes_->failure = Error{.message = "cannot open /srv/codes.csv"};
  SyncHttpAnswer answer = ask(kQuestion);
  EXPECT_EQ(answer.status, 424);
  EXPECT_EQ(text(std::move(answer)).find("csv"), std::string::npos);
  EXPECT_THAT(log_, HasSubstr("the rows of CODES cannot be read: cannot open /srv/codes.csv"));
  EXPECT_EQ(log_.find("token"), std::string::npos);
  EXPECT_EQ(ask("/healthz").status, 503);
  EXPECT_THAT(text(ask("/metrics")), HasSubstr("weir_sync_source_readable{id=\"CODES\"} 0"));
}

TEST_F(SyncEndpoint, ReportsHealthAndMetrics) {
  text(ask(kQuestion));
  EXPECT_EQ(text(ask("/healthz")), R"({"status":"ok"})");
  const std::string metrics = text(ask("/metrics"));
  EXPECT_THAT(metrics, HasSubstr("weir_sync_answers_total{status=\"200\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("weir_sync_sources_told_total{told=\"all_rows\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("weir_sync_source_readable{id=\"CODES\"} 1"));
}

}  // namespace
}  // namespace weir
